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

// Values over a rectangle of the latent plane: a shade with contour lines, in one colour or, where
// values are negative too, in two.
class Shade {
 public:
  static Expected<Shade> make();

  struct Values {
    std::span<const float> values;  // [rows, columns], in [-1, 1], the lowest row first
    int columns = 0, rows = 0;
    float left = 0, low = 0, right = 0, high = 0;  // of the plane; may lie beyond the plot
    float levels = 1;                              // contours from 0 to 1
    std::uint64_t revision = 0;                    // differs for different ones
  };
  void upload(const Values& values);

  struct Colors {
    Rgba below{}, above{}, middle{};
    float strength = 0.5f;  // alpha at 1
  };
  void draw(const PlotView& view, const Colors& colors) const;

 private:
  explicit Shade(Program program) : program_(std::move(program)) {}

  Program program_;
  VertexData<1> data_;  // empty: the corners come from their numbers
  Texture texture_{GL_LINEAR};
  Values shown_;  // without the values
  std::optional<std::uint64_t> uploaded_;
};

}  // namespace zscape::gl
