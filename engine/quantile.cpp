#include "engine/quantile.h"

#include <cassert>
#include <cmath>
#include <numbers>

namespace zscape {

double normal_quantile(double p) {
  assert(p > 0 && p < 1);
  if (p > 0.5) return -normal_quantile(1 - p);
  // Newton's method on Φ(x) − p from x = 0. Φ is convex for x < 0, so no step passes the root: x
  // falls until rounding ends it.
  double x = 0;
  for (;;) {
    const double excess = 0.5 * std::erfc(-x / std::numbers::sqrt2) - p;
    const double density = std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
    const double next = x - excess / density;
    if (!(next < x)) return x;
    x = next;
  }
}

}  // namespace zscape
