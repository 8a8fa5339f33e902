#pragma once

#include <array>
#include <vector>

#include "engine/code_range.h"

namespace zscape {

// The inverse of the standard normal distribution function, to about 1e-15. p in (0, 1).
double normal_quantile(double p);

// Codes of a grid over two latent dimensions, row by row as in a plot: the second coordinate is
// largest in the first row.
struct LatentGrid {
  int columns = 0;
  int rows = 0;
  std::vector<float> z;  // [rows, columns, k]
};

// side² codes at the quantiles (i + ½) / side of the prior N(0, I) along both dimensions, so that
// each stands for an equal share of the prior (Kingma and Welling 2014, appendix A). The other
// dimensions are 0. side ≥ 1. dims: two different dimensions in [0, k), to the right and upwards. k
// = 1: one row.
LatentGrid prior_grid(int latent, int side, std::array<int, 2> dims);

// The same, evenly spaced over the range. The other dimensions are 0 if their range contains 0,
// else in its middle. range: [k].
LatentGrid range_grid(const CodeRange& range, int side, std::array<int, 2> dims);

}  // namespace zscape
