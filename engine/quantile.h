#pragma once

namespace zscape {

// The inverse of the standard normal distribution function, to about 1e-15. p in (0, 1).
double normal_quantile(double p);

}  // namespace zscape
