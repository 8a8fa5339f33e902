#pragma once

#include <epoxy/gl.h>

#include <array>
#include <cstddef>

#include "app/gui/gl/handle.h"
#include "app/gui/gl/vertex_data.h"

namespace zscape::gl {

class Program;

inline constexpr std::size_t kPalette = 121;  // as in the shaders

// A colour with straight alpha, each in [0, 1].
using Rgba = std::array<float, 4>;

// Which part of the latent plane is seen, in how many pixels.
struct PlotView {
  int width = 0;
  int height = 0;
  float center_x = 0;  // latent point in the middle
  float center_y = 0;
  float pixels_per_unit = 1;
  float mix = 1;  // of moving things: 0: where the motion began, 1: where it ends

  bool operator==(const PlotView&) const = default;
};

// The colours of points and of what belongs to them.
struct PointColors {
  std::array<Rgba, kPalette> palette{};

  bool operator==(const PointColors&) const = default;
};

// Sets the uniforms that the shaders share; the program must be in use.
void set_view(const Program& program, const PlotView& view);
void set_colors(const Program& program, const PointColors& colors);
void set_premultiplied(GLint uniform, const Rgba& color);

// Blending of premultiplied colours.
void begin_blending();
void end_blending();

// A texture over a strip of four corners, which the shader places by their numbers.
void draw_texture(const Texture& texture, const VertexData<1>& data);

}  // namespace zscape::gl
