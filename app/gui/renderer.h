#pragma once

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "app/gui/gl/atlas.h"
#include "app/gui/gl/cloud.h"
#include "app/gui/gl/ellipses.h"
#include "app/gui/gl/field.h"
#include "app/gui/gl/framebuffer.h"
#include "app/gui/gl/scatter.h"
#include "app/gui/gl/shade.h"
#include "app/gui/gl/tiles.h"
#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/view/inputs/jacobian_pictures.h"
#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/latent/points.h"
#include "engine/error.h"

namespace zscape {

// Draws the lower layers of a pane's plot and its small pictures with OpenGL; each pane has its
// own.
class Renderer {
 public:
  // The context must be current, here and for all calls.
  static Expected<std::unique_ptr<Renderer>> make();

  // For the latent panel: shows the layers in the plot.
  LatentCanvas canvas() { return {&Renderer::show_plot, this}; }

  // The texture that shows Pictures' sheet; for the renderer's whole life.
  std::uintptr_t picture_texture() const { return atlas_.texture(); }

  std::uintptr_t jacobian_texture() const { return jacobian_.texture(); }  // likewise

  // Uploads the pictures that changed.
  void upload(Pictures& pictures);
  void upload(const JacobianPictures& pictures);

  // Redraws manifold, density, ellipses and points off screen after a change; true if it did.
  // pixel_ratio: framebuffer pixels per view pixel; framebuffer_height: of the window.
  bool draw_plot(const Points& points, const LayerContents& contents, const Pictures& pictures,
                 const LatentPanelState& latent, float scale, float pixel_ratio,
                 float framebuffer_height);

  // Clears the window, to the panels' colour where they do not fill themselves (draw_gaps()).
  static void clear(const Theme& theme);

 private:
  // Everything that the plot's picture follows from.
  struct PlotState {
    gl::PlotView view;
    gl::PointColors colors;
    gl::Rgba ground{};
    float diameter = 0;
    float dimmed_diameter = 0;
    float scale = 1;
    bool points = true;
    std::optional<OrbitCamera> orbit;
    std::array<std::uint64_t, 8> revisions{};

    bool operator==(const PlotState&) const = default;
  };

  Renderer(gl::Scatter scatter, gl::Ellipses ellipses, gl::Tiles tiles, gl::Field field,
           gl::Shade shade, gl::Cloud cloud)
      : scatter_(std::move(scatter)),
        ellipses_(std::move(ellipses)),
        tiles_(std::move(tiles)),
        field_(std::move(field)),
        shade_(std::move(shade)),
        cloud_(std::move(cloud)) {}
  static void show_plot(const ImDrawList* list, const ImDrawCmd* command);
  void draw_space(const PlotState& state, bool any_dimmed);
  void upload_layers(const Points& points, const LayerContents& contents, const Pictures& pictures);

  gl::Framebuffer picture_;
  gl::Scatter scatter_;
  gl::Ellipses ellipses_;
  gl::Tiles tiles_;
  gl::Field field_;
  gl::Shade shade_;
  gl::Cloud cloud_;
  gl::Atlas atlas_, jacobian_;
  std::optional<PlotState> drawn_;
  LatentView shown_;
  float pixel_ratio_ = 1;
  float framebuffer_height_ = 0;
};

}  // namespace zscape
