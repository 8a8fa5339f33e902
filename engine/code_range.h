#pragma once

#include <vector>

#include "engine/frozen_model.h"

namespace zscape {

// Where most codes lie: their 1 % and 99 % quantiles, [k] each; empty: not known.
struct CodeRange {
  std::vector<float> low;
  std::vector<float> high;
};

// Of the means.
CodeRange central_range(const Codes& codes);

// What a model's file says of its codes: the range of the first 5,000 of these rows of the training
// split (null: of all rows).
Expected<CodeRange> code_range(const FrozenModel& model, const Dataset& data, const Indices& rows);

}  // namespace zscape
