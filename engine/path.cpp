#include "engine/path.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <optional>

namespace zscape {
namespace {

constexpr double kLeastSine = 1e-6;  // of the angle between two directions with an arc

double product(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

struct Weights {
  double from;
  double to;
};

// The weights of the two ends along a path.
class Way {
 public:
  Way(std::span<const float> from, std::span<const float> to, PathMode mode) {
    if (mode == PathMode::linear) return;
    const double length_from = std::sqrt(product(from, from));
    const double length_to = std::sqrt(product(to, to));
    if (length_from == 0 || length_to == 0) return;
    const double cosine = product(from, to) / (length_from * length_to);
    const double angle = std::acos(std::clamp(cosine, -1.0, 1.0));
    const double sine = std::sin(angle);
    if (sine < kLeastSine) return;
    arc_ = Arc{length_from, length_to, angle, sine};
  }

  Weights at(double t) const {
    if (!arc_) return {1 - t, t};
    const double length = (1 - t) * arc_->length_from + t * arc_->length_to;
    return {length * std::sin((1 - t) * arc_->angle) / (arc_->sine * arc_->length_from),
            length * std::sin(t * arc_->angle) / (arc_->sine * arc_->length_to)};
  }

 private:
  struct Arc {
    double length_from, length_to, angle, sine;
  };
  std::optional<Arc> arc_;  // none: the path is straight
};

void append(std::vector<float>& path, std::span<const float> from, std::span<const float> to,
            Weights weights) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    path.push_back(static_cast<float>(weights.from * from[i] + weights.to * to[i]));
  }
}

}  // namespace

std::vector<float> path_point(std::span<const float> from, std::span<const float> to, PathMode mode,
                              double t) {
  assert(from.size() == to.size());
  if (t <= 0) return {from.begin(), from.end()};
  if (t >= 1) return {to.begin(), to.end()};
  std::vector<float> point;
  append(point, from, to, Way(from, to, mode).at(t));
  return point;
}

LegPlace leg_place(int frame, int frames, int legs) {
  assert(frames >= 2 && legs >= 1 && frame >= 0 && frame < frames);
  const std::int64_t place = std::int64_t{frame} * legs;
  const int leg = static_cast<int>(place / (frames - 1));
  if (leg == legs) return {legs - 1, 1};
  return {leg, static_cast<double>(place % (frames - 1)) / (frames - 1)};
}

std::vector<float> path_through(std::span<const float> stops, int latent, PathMode mode,
                                int frames) {
  const auto size = static_cast<std::size_t>(latent);
  assert(latent >= 1 && stops.size() % size == 0 && stops.size() >= 2 * size);
  const int legs = static_cast<int>(stops.size() / size) - 1;
  std::vector<float> path;
  path.reserve(size * static_cast<std::size_t>(frames));
  for (int frame = 0; frame < frames; ++frame) {
    const LegPlace place = leg_place(frame, frames, legs);
    const auto leg = static_cast<std::size_t>(place.leg) * size;
    const auto point =
        path_point(stops.subspan(leg, size), stops.subspan(leg + size, size), mode, place.t);
    path.insert(path.end(), point.begin(), point.end());
  }
  return path;
}

}  // namespace zscape
