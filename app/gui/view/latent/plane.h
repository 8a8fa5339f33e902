#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "app/gui/view/latent/latent_view.h"

namespace zscape {

// Two coordinates of latent space: its dimensions, or its principal axes.
using Axes = std::array<int, 2>;

// How codes are spread. Immutable.
struct CodeAxes {
  int latent = 0;                // k
  std::vector<float> mean;       // [k] of μ
  std::vector<float> deviation;  // [k] standard deviation of μ
  double total_variance = 0;     // of μ, all dimensions together

  // The principal axes of μ, the one of the largest variance first; empty: were not asked for.
  std::vector<float> directions;           // [k, k], orthonormal, a row an axis
  std::vector<float> principal_mean;       // [k] mean · direction
  std::vector<float> principal_deviation;  // [k]
  bool exact = true;                       // else still on their way to the newest codes' axes

  bool has_principal() const { return !directions.empty(); }
  double share(int axis) const;  // of the variance that lies along a principal axis, in [0, 1]
};
using CodeAxesPtr = std::shared_ptr<const CodeAxes>;

// What the plot shows of latent space.
struct AxisChoice {
  bool principal = false;            // coordinates along the principal axes, else the dimensions
  bool spatial = false;              // three of them, else the first two
  std::array<int, 3> axes{0, 1, 2};  // which

  bool operator==(const AxisChoice&) const = default;
};

// An ellipse in the plane.
struct PlaneEllipse {
  Vec2 sigma;       // along its own axes, latent units
  Vec2 turn{1, 0};  // cosine and sine of the angle from the plane's x to its first axis
};

// A plane of latent space, or a space of three coordinates. A coordinate is z's own or its part
// along a principal axis, not centred: the origin, the middle of the prior, is at 0 on every axis.
// A plain value.
class LatentPlane {
 public:
  LatentPlane(Axes axes = {0, 1}) : choice_{false, false, {axes[0], axes[1], 2}} {}
  // Uses the dimensions until the principal axes are known.
  LatentPlane(const AxisChoice& choice, CodeAxesPtr code_axes);

  bool principal() const { return principal_ != nullptr; }
  bool spatial() const { return choice_.spatial; }
  Axes axes() const { return {choice_.axes[0], choice_.axes[1]}; }
  int shown_axes() const { return choice_.spatial ? 3 : 2; }
  int axis(int which) const { return choice_.axes[static_cast<std::size_t>(which)]; }
  bool shows(int coordinate) const;

  // Of any of the k coordinates.
  float coordinate(std::span<const float> z, int coordinate) const;
  std::vector<float> moved(std::vector<float> z, int coordinate, float to) const;
  std::string name(int coordinate) const;  // "z3", "PC 3"

  Vec2 project(std::span<const float> z) const;
  float depth(std::span<const float> z) const;  // the third coordinate; 0 in a plane
  // The point of the plane through z that lies there.
  std::vector<float> lift(Vec2 place, std::vector<float> z) const;
  // The projection of N(·, diag σ²): Uᵀ diag(σ²) U. Of a one-dimensional space y is 0.
  PlaneEllipse ellipse(std::span<const float> sigma) const;

  // The same choice of axes; principal ones may have turned since.
  bool same_choice(const LatentPlane& other) const {
    return choice_ == other.choice_ && principal() == other.principal();
  }
  bool operator==(const LatentPlane&) const = default;

 private:
  std::span<const float> direction(int coordinate) const;
  AxisChoice choice_;
  CodeAxesPtr principal_;  // null: the dimensions
};

}  // namespace zscape
