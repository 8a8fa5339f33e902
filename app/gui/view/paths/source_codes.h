#pragma once

#include <vector>

#include "app/gui/view/paths/marks.h"
#include "engine/dataset.h"
#include "engine/frozen_model.h"
#include "engine/snapshot.h"

namespace zscape {

// Follows the inputs of marks: their codes in the plot, or encoded one by one where the plot's
// sample lacks them. Lives on the window's thread.
class SourceCodes {
 public:
  // The codes of these inputs if inputs or codes changed since the last call, else none. Omits
  // inputs whose code is not available.
  std::vector<SourceCode> update(const std::vector<PointRef>& inputs, const ModelView& model,
                                 const Dataset& data);

  // Those omitted: their codes at a moment of the past that nobody kept.
  const std::vector<PointRef>& missing() const { return missing_; }

 private:
  std::vector<PointRef> inputs_, missing_;
  CodesPtr train_, test_;
};

}  // namespace zscape
