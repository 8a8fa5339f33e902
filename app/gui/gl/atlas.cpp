#include "app/gui/gl/atlas.h"

namespace zscape::gl {

void Atlas::follow(std::span<const std::uint8_t> sheet, int width, int height,
                   std::uint64_t generation, std::span<const Part> changed) {
  if (sheet.empty() || (generation_ == generation && changed.empty())) return;
  glBindTexture(GL_TEXTURE_2D, texture());
  if (generation_ != generation) {
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE,
                 sheet.data());
    generation_ = generation;
  } else {
    glPixelStorei(GL_UNPACK_ROW_LENGTH, width);
    for (const Part& part : changed) {
      const auto begin = (static_cast<std::size_t>(part.y) * static_cast<std::size_t>(width) +
                          static_cast<std::size_t>(part.x)) *
                         4;
      glTexSubImage2D(GL_TEXTURE_2D, 0, part.x, part.y, part.width, part.height, GL_RGBA,
                      GL_UNSIGNED_BYTE, sheet.data() + begin);
    }
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
  }
  glBindTexture(GL_TEXTURE_2D, 0);
}

}  // namespace zscape::gl
