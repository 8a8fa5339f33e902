#include "app/gui/view/latent/orbit.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace zscape {
namespace {

constexpr float kHalfAngle = 0.26f;      // half the angle of view, radians
constexpr float kFill = 1.07f;           // the corners of the cube are empty
constexpr float kTurnPerPixel = 0.008f;  // radians
constexpr float kSteepest = std::numbers::pi_v<float> / 2;
constexpr float kLeastZoom = 0.1f, kMostZoom = 200;

// Pixels a latent unit, times the depth.
float focal_length(float width, float height, float zoom) {
  return kFill * zoom * std::max(std::min(width, height), 1.0f) / 2 / std::tan(kHalfAngle);
}

}  // namespace

void OrbitCamera::turn(float right, float down) {
  yaw = std::remainder(yaw + right * kTurnPerPixel, 2 * std::numbers::pi_v<float>);
  pitch = std::clamp(pitch + down * kTurnPerPixel, -kSteepest, kSteepest);
}

void OrbitCamera::zoom_at(float x, float y, float factor) {
  const float next = std::clamp(zoom * factor, kLeastZoom, kMostZoom);
  pan_x = x - (x - pan_x) * next / zoom;
  pan_y = y - (y - pan_y) * next / zoom;
  zoom = next;
}

float OrbitCamera::distance() const {
  return reach() / std::sin(kHalfAngle);
}

OrbitCamera::Seen OrbitCamera::see(Vec3 place, float width, float height) const {
  const std::array<float, 16> m = clip_matrix(width, height);
  const auto row = [&](std::size_t i) {
    return m[i] * place.x + m[4 + i] * place.y + m[8 + i] * place.z + m[12 + i];
  };
  const float depth = row(3);
  const float near = std::max(depth, 1e-6f * half);
  return {row(0) / near * width / 2, row(1) / near * height / 2, depth};
}

std::array<float, 16> OrbitCamera::clip_matrix(float width, float height) const {
  // What is seen to the right, upwards and towards the eye of it, each of a unit's length.
  const float cy = std::cos(yaw), sy = std::sin(yaw), cp = std::cos(pitch), sp = std::sin(pitch);
  const Vec3 right{cy, 0, sy};
  const Vec3 up{sp * sy, cp, -sp * cy};
  const Vec3 back{-cp * sy, sp, cp * cy};
  const auto along = [](Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; };
  const float focal = focal_length(width, height, zoom);
  const float to_x = 2 / std::max(width, 1.0f), to_y = 2 / std::max(height, 1.0f);
  // Codes outside the cube count, too: depths from a 20th of the distance to three times as far.
  const float near = distance() / 20, far = 3 * distance();
  const float depth_scale = (far + near) / (far - near);
  const float depth_shift = -2 * far * near / (far - near);
  const auto column = [&](Vec3 axis, float one) {
    // depth = distance − back · (place − middle)
    const float depth = one * (distance() + along(back, middle)) - along(back, axis);
    const float x = along(right, axis) - one * along(right, middle);
    const float y = along(up, axis) - one * along(up, middle);
    return std::array<float, 4>{to_x * (focal * x + pan_x * depth),
                                to_y * (focal * y + pan_y * depth),
                                depth_scale * depth + one * depth_shift, depth};
  };
  std::array<float, 16> matrix{};
  const std::array<std::array<float, 4>, 4> columns{column({1, 0, 0}, 0), column({0, 1, 0}, 0),
                                                    column({0, 0, 1}, 0), column({}, 1)};
  for (std::size_t i = 0; i < 16; ++i) matrix[i] = columns[i / 4][i % 4];
  return matrix;
}

}  // namespace zscape
