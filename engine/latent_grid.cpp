#include "engine/latent_grid.h"

#include <cassert>
#include <cmath>
#include <numbers>

namespace zscape {
namespace {

std::vector<float> even_places(float low, float high, int count) {
  std::vector<float> places;
  for (int i = 0; i < count; ++i) {
    const double share = count == 1 ? 0.5 : static_cast<double>(i) / (count - 1);
    places.push_back(static_cast<float>((1 - share) * low + share * high));
  }
  return places;
}

// right, up: coordinates along the two dimensions, rising. rest: [k], of all others.
LatentGrid grid(const std::vector<float>& right, const std::vector<float>& up,
                const std::vector<float>& rest, std::array<int, 2> dims) {
  const std::size_t latent = rest.size();
  const std::size_t rows = latent == 1 ? 1 : up.size();
  LatentGrid grid{static_cast<int>(right.size()), static_cast<int>(rows), {}};
  grid.z.reserve(rows * right.size() * latent);
  for (std::size_t row = 0; row < rows; ++row) {
    for (const float across : right) {
      std::vector<float> z = rest;
      if (latent == 1) {
        z[0] = across;
      } else {
        z[static_cast<std::size_t>(dims[0])] = across;
        z[static_cast<std::size_t>(dims[1])] = up[rows - 1 - row];
      }
      grid.z.insert(grid.z.end(), z.begin(), z.end());
    }
  }
  return grid;
}

}  // namespace

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

LatentGrid prior_grid(int latent, int side, std::array<int, 2> dims) {
  assert(latent >= 1 && side >= 1);
  std::vector<float> quantiles;
  for (int i = 0; i < side; ++i) {
    quantiles.push_back(static_cast<float>(normal_quantile((i + 0.5) / side)));
  }
  return grid(quantiles, quantiles, std::vector<float>(static_cast<std::size_t>(latent)), dims);
}

LatentGrid range_grid(const CodeRange& range, int side, std::array<int, 2> dims) {
  assert(!range.low.empty() && range.low.size() == range.high.size() && side >= 1);
  std::vector<float> rest;
  for (std::size_t i = 0; i < range.low.size(); ++i) {
    const bool holds_zero = range.low[i] <= 0 && range.high[i] >= 0;
    rest.push_back(holds_zero ? 0 : range.low[i] + (range.high[i] - range.low[i]) / 2);
  }
  const auto places = [&](int dimension) {
    const auto i = static_cast<std::size_t>(rest.size() == 1 ? 0 : dimension);
    return even_places(range.low[i], range.high[i], side);
  };
  return grid(places(dims[0]), places(dims[1]), rest, dims);
}

}  // namespace zscape
