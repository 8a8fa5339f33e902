#pragma once

#include <array>
#include <numbers>

namespace zscape {

// Three coordinates of latent space: x to the right, y up, z towards the eye.
struct Vec3 {
  float x = 0;
  float y = 0;
  float z = 0;
  bool operator==(const Vec3&) const = default;
};

// An eye that circles around a cube of latent space and never rolls. A plain value.
struct OrbitCamera {
  static constexpr float kYaw = 0.55f, kPitch = 0.35f;  // where it stands at first, radians

  Vec3 middle;  // of the cube
  float half = 1;
  float yaw = kYaw;      // to the right, around the upright axis
  float pitch = kPitch;  // upwards, at most straight above or below
  float zoom = 1;        // 1: the cube fills the plot however it is turned
  float pan_x = 0;       // of the picture, pixels
  float pan_y = 0;       // likewise, up

  bool operator==(const OrbitCamera&) const = default;

  void turn(float right, float down);  // pixels of a drag
  // Zooms around a point at this distance from the middle of the plot (pixels, y up).
  void zoom_at(float x, float y, float factor);
  void reset() { *this = {middle, half}; }  // all but the cube

  float distance() const;  // of the eye from the cube's middle, latent units
  // From the cube's middle to its corners.
  float reach() const { return half * std::numbers::sqrt3_v<float>; }

  // Where a place is seen: pixels from the middle of a plot of this size, y up, and its distance
  // from the eye along the line of sight (≤ 0: behind it).
  struct Seen {
    float x = 0;
    float y = 0;
    float depth = 0;
  };
  Seen see(Vec3 place, float width, float height) const;

  // The same for OpenGL, column by column; w of clip coordinates is that depth.
  std::array<float, 16> clip_matrix(float width, float height) const;
};

}  // namespace zscape
