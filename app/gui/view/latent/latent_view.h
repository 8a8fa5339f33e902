#pragma once

#include <optional>

#include "app/gui/view/latent/orbit.h"

namespace zscape {

// Another type of this shape, such as Dear ImGui's own, which this header does not know.
template <class Other>
concept Pair = sizeof(Other) == 2 * sizeof(float) && requires(Other other) {
  other.x + other.y;
};

// A place or a size.
struct Vec2 {
  float x = 0;
  float y = 0;

  constexpr Vec2() = default;
  constexpr Vec2(float first, float second) : x(first), y(second) {}
  template <Pair Other>
  constexpr Vec2(const Other& other) : x(other.x), y(other.y) {}
  template <Pair Other>
  constexpr operator Other() const {
    return Other(x, y);
  }
  bool operator==(const Vec2&) const = default;
};

constexpr Vec2 operator+(Vec2 a, Vec2 b) {
  return {a.x + b.x, a.y + b.y};
}
constexpr Vec2 operator-(Vec2 a, Vec2 b) {
  return {a.x - b.x, a.y - b.y};
}
constexpr Vec2 operator*(float by, Vec2 a) {
  return {by * a.x, by * a.y};
}

// A rectangle on the screen, in pixels, y down.
struct Rect {
  Vec2 origin;  // upper left corner
  Vec2 size;

  Vec2 high() const { return origin + size; }  // lower right corner
  Vec2 center() const { return origin + 0.5f * size; }
  bool contains(Vec2 place) const {
    return place.x >= origin.x && place.y >= origin.y && place.x < high().x && place.y < high().y;
  }
  bool operator==(const Rect&) const = default;
};

// Which part of the latent plane is seen where on the screen. A plain value. Screen: pixels, y
// down. Latent: y up.
struct LatentView {
  Vec2 origin;  // upper left corner of the plot on the screen
  Vec2 size;    // of the plot, pixels
  Vec2 center;  // latent point in the middle of the plot
  float pixels_per_unit = 60;
  std::optional<OrbitCamera> orbit{};  // of three dimensions; none: the plane is seen

  // Needs a camera. Places behind the eye land far outside the plot.
  Vec2 space_to_screen(Vec3 place) const {
    const OrbitCamera::Seen seen = orbit->see(place, size.x, size.y);
    if (!(seen.depth > 0)) return {-1e6f, -1e6f};
    return {origin.x + size.x / 2 + seen.x, origin.y + size.y / 2 - seen.y};
  }
  Vec2 to_screen(Vec2 latent) const {
    return {origin.x + size.x / 2 + (latent.x - center.x) * pixels_per_unit,
            origin.y + size.y / 2 - (latent.y - center.y) * pixels_per_unit};
  }
  Vec2 to_latent(Vec2 screen) const {
    return {center.x + (screen.x - origin.x - size.x / 2) / pixels_per_unit,
            center.y - (screen.y - origin.y - size.y / 2) / pixels_per_unit};
  }
  bool same_plane(const LatentView& other) const {  // seen in the same place
    return rect() == other.rect() && center == other.center &&
           pixels_per_unit == other.pixels_per_unit;
  }
  Rect rect() const { return {origin, size}; }
  bool contains(Vec2 screen) const { return rect().contains(screen); }
};

}  // namespace zscape
