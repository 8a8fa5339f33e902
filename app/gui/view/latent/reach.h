#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "app/gui/view/latent/latent_view.h"

namespace zscape {

// How far coordinates may lie from 0 in the view, in marks and in sessions. What lies beyond comes
// of a slip, and a place there could not be found again.
inline constexpr float kFarthestZ = 1e6f;

inline bool in_reach(float value) {
  return std::abs(value) <= kFarthestZ;  // false for NaN
}
inline bool in_reach(std::span<const float> z) {
  return std::ranges::all_of(z, [](float value) { return in_reach(value); });
}

// The nearest value in reach; 0 for NaN.
inline float held(float value) {
  return std::isnan(value) ? 0 : std::clamp(value, -kFarthestZ, kFarthestZ);
}
inline Vec2 held(Vec2 place) {
  return {held(place.x), held(place.y)};
}
inline std::vector<float> held(std::vector<float> z) {
  for (float& value : z) value = held(value);
  return z;
}

}  // namespace zscape
