#include "engine/path.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace zscape {
namespace {

constexpr double kLeastSine = 1e-6;  // of the angle between two directions that an arc can join

double product(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

// Codes weight_from(t) · from + weight_to(t) · to for t from 0 to 1.
template <class Weights>
std::vector<float> combinations(std::span<const float> from, std::span<const float> to, int points,
                                const Weights& weights) {
  assert(from.size() == to.size() && points >= 2);
  std::vector<float> path(from.begin(), from.end());
  path.reserve(from.size() * static_cast<std::size_t>(points));
  for (int point = 1; point + 1 < points; ++point) {
    const auto [weight_from, weight_to] = weights(static_cast<double>(point) / (points - 1));
    for (std::size_t i = 0; i < from.size(); ++i) {
      path.push_back(static_cast<float>(weight_from * from[i] + weight_to * to[i]));
    }
  }
  path.insert(path.end(), to.begin(), to.end());
  return path;
}

struct Weights {
  double from;
  double to;
};

}  // namespace

std::vector<float> linear_path(std::span<const float> from, std::span<const float> to, int points) {
  return combinations(from, to, points, [](double t) { return Weights{1 - t, t}; });
}

std::vector<float> spherical_path(std::span<const float> from, std::span<const float> to,
                                  int points) {
  const double length_from = std::sqrt(product(from, from));
  const double length_to = std::sqrt(product(to, to));
  if (length_from == 0 || length_to == 0) return linear_path(from, to, points);
  const double cosine = product(from, to) / (length_from * length_to);
  const double angle = std::acos(std::clamp(cosine, -1.0, 1.0));
  const double sine = std::sin(angle);
  if (sine < kLeastSine) return linear_path(from, to, points);
  return combinations(from, to, points, [&](double t) {
    const double length = (1 - t) * length_from + t * length_to;
    return Weights{length * std::sin((1 - t) * angle) / (sine * length_from),
                   length * std::sin(t * angle) / (sine * length_to)};
  });
}

}  // namespace zscape
