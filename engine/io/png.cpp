#include "engine/io/png.h"

#include <stb_image_write.h>  // its implementation is in libstb

#include <algorithm>
#include <cassert>
#include <limits>

#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

std::uint8_t pixel_value(float value) {
  if (!(value > 0)) return 0;  // NaN too
  return static_cast<std::uint8_t>(std::min(value, 1.0F) * 255.0F + 0.5F);
}

std::size_t square_side(std::size_t count) {
  std::size_t side = 0;
  while (side * side < count) ++side;
  return side;
}

// Row by row; there must be enough places.
Picture arranged(std::span<const float> pictures, const ImageShape& shape, std::size_t columns,
                 std::size_t rows) {
  const auto size = static_cast<std::size_t>(shape.size());
  assert(size > 0 && pictures.size() % size == 0);
  const std::size_t count = pictures.size() / size;
  const auto row = static_cast<std::size_t>(shape.width * shape.channels);  // of one picture
  const auto height = static_cast<std::size_t>(shape.height);

  Picture grid{static_cast<int>(columns) * shape.width,
               static_cast<int>(rows) * shape.height,
               shape.channels,
               {}};
  grid.pixels.resize(columns * rows * size);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t y = 0; y < height; ++y) {
      const auto from = pictures.subspan(i * size + y * row, row);
      const std::size_t to = ((i / columns * height + y) * columns + i % columns) * row;
      std::ranges::transform(from, grid.pixels.begin() + static_cast<std::ptrdiff_t>(to),
                             pixel_value);
    }
  }
  return grid;
}

}  // namespace

Expected<void> write_png(const std::string& path, int width, int height, int channels,
                         std::span<const std::uint8_t> pixels) {
  if (auto fits = check_ending(path, ".png"); !fits) return fits;
  // stb counts bytes in int, and each row takes one more for its filter.
  const std::int64_t row = std::int64_t{width} * channels;
  if (width < 1 || height < 1 || channels < 1 || channels > 4 ||
      row >= std::numeric_limits<int>::max() / 2 / height) {
    return fail(
        tr("{} cannot be written: a picture of {}×{} pixels with {} channels is not possible in "
           "PNG here",
           path, width, height, channels));
  }
  assert(pixels.size() == static_cast<std::size_t>(row * height));

  std::vector<std::byte> bytes;
  const auto append = [](void* context, void* data, int size) {
    const auto* first = static_cast<const std::byte*>(data);
    auto& out = *static_cast<std::vector<std::byte>*>(context);
    out.insert(out.end(), first, first + size);
  };
  if (stbi_write_png_to_func(append, &bytes, width, height, channels, pixels.data(),
                             static_cast<int>(row)) == 0) {
    return fail(tr("{} cannot be written: not enough memory for the picture", path));
  }
  return write_file_atomically(path, bytes);
}

Expected<void> write_png(const std::string& path, const Picture& picture) {
  return write_png(path, picture.width, picture.height, picture.channels, picture.pixels);
}

Picture picture_grid(std::span<const float> pictures, const ImageShape& shape) {
  const std::size_t side = square_side(pictures.size() / static_cast<std::size_t>(shape.size()));
  return arranged(pictures, shape, side, side);
}

Picture picture_grid(std::span<const float> pictures, const ImageShape& shape, int columns) {
  assert(columns >= 1);
  const std::size_t count = pictures.size() / static_cast<std::size_t>(shape.size());
  const auto across = static_cast<std::size_t>(columns);
  return arranged(pictures, shape, across, (count + across - 1) / across);
}

}  // namespace zscape
