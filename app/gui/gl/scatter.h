#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "app/gui/gl/framebuffer.h"
#include "app/gui/gl/program.h"
#include "engine/error.h"

namespace zscape::gl {

inline constexpr std::size_t kPalette = 121;  // as in shaders/scatter.vert

// A colour with straight alpha, each in [0, 1].
using Rgba = std::array<float, 4>;

// What is drawn. Points are uploaded only when their revision is another one.
struct ScatterPoints {
  std::span<const float> from;            // [n, 2], latent plane
  std::span<const float> to;              // [n, 2]
  std::span<const std::uint8_t> entries;  // [n], of the palette
  std::uint64_t revision = 0;
};

// How it is drawn. Another look costs a redraw, no upload.
struct ScatterLook {
  int width = 0;  // pixels
  int height = 0;
  float center_x = 0;  // latent point in the middle
  float center_y = 0;
  float pixels_per_unit = 1;
  float mix = 1;                         // 0: from, 1: to
  float diameter = 4;                    // of a point, pixels
  std::array<Rgba, kPalette> palette{};  // alpha 0: not drawn
  Rgba ground{};                         // opaque

  bool operator==(const ScatterLook&) const = default;
};

// Draws points with zscape's own shaders into an off-screen picture, and that only when something
// changed; to show it again is a copy.
class Scatter {
 public:
  static Expected<Scatter> make();
  Scatter(Scatter&& other) noexcept;
  Scatter& operator=(Scatter&&) = delete;
  ~Scatter();

  // Redraws if need be; true where it did. Leaves the window's framebuffer bound.
  bool draw(const ScatterPoints& points, const ScatterLook& look);

  // As Framebuffer::show.
  void show(int x, int y, const int (&box)[4]) const;

 private:
  explicit Scatter(Program program);
  void upload(const ScatterPoints& points);

  Program program_;
  std::unique_ptr<Framebuffer> picture_;
  GLuint vertex_array_ = 0;
  std::array<GLuint, 3> buffers_{};  // from, to, entries
  std::optional<std::uint64_t> uploaded_;
  std::optional<ScatterLook> drawn_;
};

}  // namespace zscape::gl
