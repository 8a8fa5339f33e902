#include "app/gui/gl/screen.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <array>

#include "engine/text.h"

namespace zscape::gl {

bool is_software_renderer(std::string_view renderer) {
  constexpr std::array<std::string_view, 5> kNames{"llvmpipe", "softpipe", "swiftshader", "swrast",
                                                   "software rasterizer"};  // not for people
  std::string lower(renderer);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return std::any_of(kNames.begin(), kNames.end(), [&lower](std::string_view name) {
    return lower.find(name) != std::string::npos;
  });
}

std::string renderer_name() {
  const GLubyte* name = glGetString(GL_RENDERER);
  return name ? reinterpret_cast<const char*>(name) : "";
}

std::string take_error() {
  const GLenum error = glGetError();
  if (error == GL_NO_ERROR) return {};
  while (glGetError() != GL_NO_ERROR) {
  }
  switch (error) {
    case GL_INVALID_ENUM:
      return "GL_INVALID_ENUM";
    case GL_INVALID_VALUE:
      return "GL_INVALID_VALUE";
    case GL_INVALID_OPERATION:
      return "GL_INVALID_OPERATION";
    case GL_INVALID_FRAMEBUFFER_OPERATION:
      return "GL_INVALID_FRAMEBUFFER_OPERATION";
    case GL_OUT_OF_MEMORY:
      return "GL_OUT_OF_MEMORY";
    default:
      return tr("OpenGL error 0x{:04x}", error);
  }
}

void clear_window(float red, float green, float blue) {
  glDisable(GL_SCISSOR_TEST);
  glClearColor(red, green, blue, 1);
  glClear(GL_COLOR_BUFFER_BIT);
}

std::vector<std::uint8_t> read_window(int x, int y, int width, int height) {
  const auto row = static_cast<std::size_t>(width) * 3;
  const auto rows = static_cast<std::size_t>(height);
  std::vector<std::uint8_t> pixels(row * rows);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadBuffer(GL_BACK);
  glReadPixels(x, y, width, height, GL_RGB, GL_UNSIGNED_BYTE, pixels.data());
  glPixelStorei(GL_PACK_ALIGNMENT, 4);
  // OpenGL's first row is the lowest.
  for (std::size_t upper = 0; upper < rows / 2; ++upper) {
    const auto top = pixels.begin() + static_cast<std::ptrdiff_t>(upper * row);
    const auto bottom = pixels.begin() + static_cast<std::ptrdiff_t>((rows - 1 - upper) * row);
    std::swap_ranges(top, top + static_cast<std::ptrdiff_t>(row), bottom);
  }
  return pixels;
}

}  // namespace zscape::gl
