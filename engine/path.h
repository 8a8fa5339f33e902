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

// The code at t in [0, 1] of those ways. mode: linear or spherical.
std::vector<float> path_point(std::span<const float> from, std::span<const float> to, PathMode mode,
                              double t);

// A place on a way of several legs.
struct LegPlace {
  int leg = 0;
  double t = 0;  // in [0, 1]
};

// Where a frame lies, if each leg has the same share of them; 0 ≤ frame < frames, frames ≥ 2.
// A stop that falls on a frame is met to the bit: t is 0 (1 at the very end).
LegPlace leg_place(int frame, int frames, int legs);

// `frames` ≥ 2 codes through all stops, [frames, k]; of one leg linear_path() or spherical_path().
// stops: [n ≥ 2, latent]. mode: linear or spherical.
std::vector<float> path_through(std::span<const float> stops, int latent, PathMode mode,
                                int frames);

}  // namespace zscape
