#pragma once

#include <vector>

#include "engine/codes.h"

namespace zscape {

// Where most codes lie: their 1 % and 99 % quantiles, [k] each; empty: not known.
struct CodeRange {
  std::vector<float> low;
  std::vector<float> high;
};

// Of the means.
CodeRange central_range(const Codes& codes);

}  // namespace zscape
