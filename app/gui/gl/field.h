#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "app/gui/gl/plot_view.h"
#include "app/gui/gl/program.h"
#include "app/gui/gl/vertex_data.h"
#include "engine/error.h"

namespace zscape::gl {

// Draws a density over the whole plot: a glow with contour lines.
class Field {
 public:
  static Expected<Field> make();

  // values: [height, width], in [0, 1], up first. Uploaded where the revision is another one.
  void upload(std::span<const float> values, int width, int height, std::uint64_t revision);

  // cell: of the plot that a value stands for, pixels.
  void draw(const PlotView& view, float cell, const Rgba& color) const;

 private:
  explicit Field(Program program) : program_(std::move(program)) {}

  Program program_;
  VertexData<1> data_;  // empty: the corners come from their numbers
  Texture texture_{GL_LINEAR};
  int width_ = 0;
  int height_ = 0;
  std::optional<std::uint64_t> uploaded_;
};

}  // namespace zscape::gl
