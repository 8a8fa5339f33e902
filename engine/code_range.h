#pragma once

#include <vector>

#include "engine/frozen_model.h"

namespace zscape {

// The 1 % and 99 % quantiles of the codes, [k] each; empty: not known.
struct CodeRange {
  std::vector<float> low;
  std::vector<float> high;
};

// The range of the means.
CodeRange central_range(const Codes& codes);

// The range for a model's file: that of the first 5,000 of these training rows (null: all rows).
Expected<CodeRange> code_range(const FrozenModel& model, const Dataset& data, const Indices& rows);

}  // namespace zscape
