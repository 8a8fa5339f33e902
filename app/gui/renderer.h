#pragma once

#include <memory>
#include <utility>

#include "app/gui/gl/atlas.h"
#include "app/gui/gl/scatter.h"
#include "app/gui/panels/latent_panel.h"
#include "app/gui/view/pictures.h"
#include "app/gui/view/points.h"
#include "engine/error.h"

namespace zscape {

// What the window shows besides Dear ImGui's own: the points and the small pictures. Translates the
// views' plain values into OpenGL calls.
class Renderer {
 public:
  // The context must be current, here and for all calls.
  static Expected<std::unique_ptr<Renderer>> make();

  // For the latent panel: shows the points in the plot.
  LatentCanvas canvas() { return {&Renderer::show_points, this}; }

  // The texture that shows Pictures' sheet; for the renderer's whole life.
  std::uintptr_t picture_texture() const { return atlas_.texture(); }

  // Uploads the pictures that changed.
  void upload(Pictures& pictures);

  // Draws the points anew where something changed; true where it did. pixel_ratio: framebuffer
  // pixels for each pixel of the view.
  bool draw_points(const Points& points, const LatentPanelState& latent, float scale,
                   float pixel_ratio);

  // Clears the window: to the panels' ground where they do not draw it themselves (grounds.h).
  void clear(Vec2 framebuffer, const Theme& theme);

 private:
  explicit Renderer(gl::Scatter scatter) : scatter_(std::move(scatter)) {}
  static void show_points(const ImDrawList* list, const ImDrawCmd* command);

  gl::Scatter scatter_;
  gl::Atlas atlas_;
  LatentView shown_;
  float pixel_ratio_ = 1;
  float framebuffer_height_ = 0;
};

}  // namespace zscape
