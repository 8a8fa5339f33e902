#pragma once

#include <span>
#include <vector>

namespace zscape {

// How a path leads from one latent code to another.
enum class PathMode {
  linear,     // straight
  spherical,  // the direction turns evenly, the length changes evenly
  geodesic,   // the shortest in the decoder's output: FrozenModel::geodesic
};

// The code at t in [0, 1] of the path from one code to another; the ends are exact. from and to:
// [k]. mode: linear, or spherical: the directions are interpolated on the sphere (Shoemake 1985)
// and the lengths linearly, so that codes keep the lengths typical of a normal prior (White,
// "Sampling generative networks", 2016). If the ends have the same or opposite directions, or one
// is 0, the path is straight.
std::vector<float> path_point(std::span<const float> from, std::span<const float> to, PathMode mode,
                              double t);

// A place on a path of several legs.
struct LegPlace {
  int leg = 0;
  double t = 0;  // in [0, 1]
};

// The place of a frame if all legs have equally many; 0 ≤ frame < frames, frames ≥ 2. A frame that
// falls on a stop hits it exactly: t is 0 (1 at the very end).
LegPlace leg_place(int frame, int frames, int legs);

// `frames` ≥ 2 codes through all stops, [frames, k]. stops: [n ≥ 2, latent]. mode: linear or
// spherical.
std::vector<float> path_through(std::span<const float> stops, int latent, PathMode mode,
                                int frames);

}  // namespace zscape
