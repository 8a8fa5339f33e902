#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "app/gui/gl/plot_view.h"
#include "app/gui/gl/program.h"
#include "app/gui/gl/vertex_data.h"
#include "engine/error.h"

namespace zscape::gl {

// What is drawn. Points and colours are uploaded only when their revision is another one.
struct CloudPoints {
  std::span<const float> from;           // [n, 2], the first two coordinates
  std::span<const float> to;             // [n, 2]
  std::span<const float> from_depth;     // [n], the third
  std::span<const float> to_depth;       // [n]
  std::span<const std::uint8_t> dimmed;  // as ScatterPoints has them
  std::span<const std::uint8_t> colors;
  std::uint64_t revision = 0;
  std::uint64_t dimmed_revision = 0;
  std::uint64_t colors_revision = 0;
};

// How far the colour of the farthest point fades into the ground: it must stay a colour.
inline constexpr float kFarFade = 0.35f;

// How a space is looked at.
struct CloudView {
  std::array<float, 16> clip{};  // column by column; w: the distance from the eye
  float distance = 1;            // of the middle from the eye
  float reach = 1;               // of the cloud before and behind it
  float mix = 1;                 // as PlotView has it
};

// Draws points in three dimensions, front over back, and lines. The framebuffer needs a depth
// buffer.
class Cloud {
 public:
  static Expected<Cloud> make();

  void upload(const CloudPoints& points);

  void begin() const;  // forgets what was in front

  // Pairs of ends, [n, 3], latent space.
  void draw_lines(const CloudView& view, std::span<const float> ends, const Rgba& color);

  // As Scatter::draw().
  void draw(const CloudView& view, const PointColors& colors, float diameter, const Rgba& ground,
            const std::optional<Rgba>& dim = {}) const;

 private:
  Cloud(Program points, Program lines);

  Program program_;
  Program lines_;
  VertexData<6> data_;  // from, to, from_depth, to_depth, dimmed, colors
  VertexData<1> ends_;
  GLsizei count_ = 0;
};

}  // namespace zscape::gl
