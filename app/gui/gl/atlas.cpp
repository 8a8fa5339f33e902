#include "app/gui/gl/atlas.h"

namespace zscape::gl {

Atlas::Atlas() {
  glGenTextures(1, &texture_);
  glBindTexture(GL_TEXTURE_2D, texture_);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  glBindTexture(GL_TEXTURE_2D, 0);
}

Atlas::~Atlas() {
  glDeleteTextures(1, &texture_);
}

void Atlas::follow(std::span<const std::uint8_t> sheet, int width, int height,
                   std::uint64_t generation, std::span<const Part> changed) {
  if (sheet.empty() || (generation_ == generation && changed.empty())) return;
  glBindTexture(GL_TEXTURE_2D, texture_);
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
