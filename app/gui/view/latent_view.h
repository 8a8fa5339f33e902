#pragma once

namespace zscape {

struct Vec2 {
  float x = 0;
  float y = 0;
};

// Which part of the latent plane is seen where on the screen. A plain value, shared by panels,
// renderer and script. Screen: pixels, y down. Latent: y up.
struct LatentView {
  Vec2 origin;  // upper left corner of the plot on the screen
  Vec2 size;    // of the plot, pixels
  Vec2 center;  // latent point in the middle of the plot
  float pixels_per_unit = 60;

  Vec2 to_screen(Vec2 latent) const {
    return {origin.x + size.x / 2 + (latent.x - center.x) * pixels_per_unit,
            origin.y + size.y / 2 - (latent.y - center.y) * pixels_per_unit};
  }
  Vec2 to_latent(Vec2 screen) const {
    return {center.x + (screen.x - origin.x - size.x / 2) / pixels_per_unit,
            center.y - (screen.y - origin.y - size.y / 2) / pixels_per_unit};
  }
  bool contains(Vec2 screen) const {
    return screen.x >= origin.x && screen.y >= origin.y && screen.x < origin.x + size.x &&
           screen.y < origin.y + size.y;
  }
};

}  // namespace zscape
