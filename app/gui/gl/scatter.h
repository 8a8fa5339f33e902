#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "app/gui/gl/plot_view.h"
#include "app/gui/gl/program.h"
#include "app/gui/gl/vertex_data.h"
#include "engine/error.h"

namespace zscape::gl {

// What is drawn. Points and colours are uploaded only when their revision is another one.
struct ScatterPoints {
  std::span<const float> from;           // [n, 2], latent plane
  std::span<const float> to;             // [n, 2]
  std::span<const std::uint8_t> dimmed;  // [n], 1: yes
  std::span<const std::uint8_t> colors;  // [n], entries of the palette
  std::uint64_t revision = 0;
  std::uint64_t dimmed_revision = 0;
  std::uint64_t colors_revision = 0;
};

// Draws points with zscape's own shaders.
class Scatter {
 public:
  static Expected<Scatter> make();

  void upload(const ScatterPoints& points);

  // Draws what was uploaded: only the dimmed points in this colour, or all others in their own.
  void draw(const PlotView& view, const PointColors& colors, float diameter,
            const std::optional<Rgba>& dim = {}) const;

 private:
  explicit Scatter(Program program);

  Program program_;
  VertexData<4> data_;  // from, to, dimmed, colors
  GLsizei count_ = 0;
};

}  // namespace zscape::gl
