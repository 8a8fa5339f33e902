#pragma once

#include <span>
#include <vector>

namespace zscape {

// How a way leads from one latent code to another.
enum class PathMode {
  linear,     // straight
  spherical,  // the direction turns evenly, the length changes evenly
  geodesic,   // the shortest as the decoder's output measures it: FrozenModel::geodesic
};

// `points` ≥ 2 codes from one code to another, [points, k]; the first and the last are the ends,
// to the bit. from and to: [k].
std::vector<float> linear_path(std::span<const float> from, std::span<const float> to, int points);

// Spherical linear interpolation of the directions (Shoemake, "Animating rotation with quaternion
// curves", 1985), which keeps to the lengths that codes of a normal prior have (White, "Sampling
// generative networks", 2016); lengths change linearly. Where the ends point in the same or in
// opposite directions, or one is 0, no arc joins them and the way is straight.
std::vector<float> spherical_path(std::span<const float> from, std::span<const float> to,
                                  int points);

}  // namespace zscape
