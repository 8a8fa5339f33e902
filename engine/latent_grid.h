#pragma once

#include <array>
#include <vector>

#include "engine/code_range.h"

namespace zscape {

// Codes of a grid over two latent dimensions, row by row from the top, where the second
// coordinate is largest, as in a plot.
struct LatentGrid {
  int columns = 0;
  int rows = 0;
  std::vector<float> z;  // [rows, columns, k]
};

// side² codes at the quantiles (i + ½) / side of the prior N(0, I) along both dimensions, so that
// each stands for the same share of it (Kingma and Welling, "Auto-encoding variational Bayes",
// 2014, appendix A); the other dimensions are 0. latent ≥ 1: k. side ≥ 1. dims: two different ones
// in [0, k), to the right and upwards. k = 1: one row along the only dimension.
LatentGrid prior_grid(int latent, int side, std::array<int, 2> dims);

// The same, evenly spaced from one end of the range to the other; the other dimensions are 0 where
// their range holds it, else in the middle of it. range: [k].
LatentGrid range_grid(const CodeRange& range, int side, std::array<int, 2> dims);

}  // namespace zscape
