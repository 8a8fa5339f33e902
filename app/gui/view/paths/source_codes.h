#pragma once

#include <vector>

#include "app/gui/view/paths/marks.h"
#include "engine/dataset.h"
#include "engine/frozen_model.h"
#include "engine/snapshot.h"

namespace zscape {

// Follows the inputs that marks stand for: where these lie now, as the plot has them; what is not
// in its sample is encoded by itself. Belongs to the window's thread.
class SourceCodes {
 public:
  // The codes of these inputs where inputs or codes are others than at the last call, else none.
  // An input whose code cannot be had is left out.
  std::vector<SourceCode> update(const std::vector<PointRef>& inputs, const ModelView& model,
                                 const Dataset& data);

 private:
  std::vector<PointRef> inputs_;
  CodesPtr train_, test_;
};

}  // namespace zscape
