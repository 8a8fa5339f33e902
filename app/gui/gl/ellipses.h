#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "app/gui/gl/plot_view.h"
#include "app/gui/gl/program.h"
#include "app/gui/gl/vertex_data.h"
#include "engine/error.h"

namespace zscape::gl {

struct EllipseSet {
  std::span<const float> from;           // [n, 2], latent plane
  std::span<const float> to;             // [n, 2]
  std::span<const float> sigma;          // [n, 2], latent units, along its own axes
  std::span<const float> turn;           // [n, 2], cosine and sine of its angle
  std::span<const std::uint8_t> colors;  // [n]
  std::uint64_t revision = 0;
  float typical_sigma = 0;  // decides how many corners an ellipse gets
};

// Draws ellipses at 1 and 2 σ, each an instance of one strip.
class Ellipses {
 public:
  static Expected<Ellipses> make();

  void upload(const EllipseSet& set);

  // What was uploaded. width: of the lines, pixels.
  void draw(const PlotView& view, const PointColors& colors, float width) const;

 private:
  explicit Ellipses(Program program);

  Program program_;
  VertexData<5> data_;  // from, to, sigma, turn, colors
  std::optional<std::uint64_t> uploaded_;
  GLsizei count_ = 0;
  float typical_sigma_ = 0;
};

}  // namespace zscape::gl
