#pragma once

namespace zscape {

// The inverse of the standard normal distribution function: P(X ≤ normal_quantile(p)) = p for
// X ~ N(0, 1), to about 1e-15 of it. p in (0, 1).
double normal_quantile(double p);

}  // namespace zscape
