#pragma once

#include <optional>

#include "app/gui/view/latent/orbit.h"

namespace zscape {

struct Vec2 {
  float x = 0;
  float y = 0;
  bool operator==(const Vec2&) const = default;
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
    return origin == other.origin && size == other.size && center == other.center &&
           pixels_per_unit == other.pixels_per_unit;
  }
  bool contains(Vec2 screen) const {
    return screen.x >= origin.x && screen.y >= origin.y && screen.x < origin.x + size.x &&
           screen.y < origin.y + size.y;
  }
};

}  // namespace zscape
