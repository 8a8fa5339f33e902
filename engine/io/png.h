#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// A picture in memory: row by row from the top, the channels of a pixel side by side.
struct Picture {
  int width = 0;
  int height = 0;
  int channels = 1;
  std::vector<std::uint8_t> pixels;  // [height, width, channels]
};

// Writes a PNG file completely or not at all. channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
// pixels: [height, width, channels].
Expected<void> write_png(const std::string& path, int width, int height, int channels,
                         std::span<const std::uint8_t> pixels);
Expected<void> write_png(const std::string& path, const Picture& picture);

// Arranges n pictures row by row in one square of ⌈√n⌉ a side; empty places are black. pictures:
// [n, d] with d = shape.size(), values in [0, 1]; others are clamped.
Picture picture_grid(std::span<const float> pictures, const ImageShape& shape);

// The same with a given number of columns ≥ 1.
Picture picture_grid(std::span<const float> pictures, const ImageShape& shape, int columns);

}  // namespace zscape
