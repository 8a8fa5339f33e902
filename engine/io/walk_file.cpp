#include "engine/io/walk_file.h"

#include <vector>

#include "engine/io/gif.h"
#include "engine/io/png.h"

namespace zscape {
namespace {

constexpr int kFrameMs = 80;

}  // namespace

Expected<void> write_walk(const std::string& path, std::span<const float> pictures,
                          const ImageShape& shape) {
  const auto size = static_cast<std::size_t>(shape.size());
  const std::size_t count = pictures.size() / size;
  if (!path.ends_with(".gif")) {
    return write_png(path, picture_grid(pictures, shape, static_cast<int>(count)));
  }
  std::vector<Picture> frames;
  for (std::size_t i = 0; i < count; ++i) {
    frames.push_back(picture_grid(pictures.subspan(i * size, size), shape));
  }
  return write_gif(path, frames, kFrameMs);
}

}  // namespace zscape
