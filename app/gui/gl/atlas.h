#pragma once

#include <epoxy/gl.h>

#include <cstdint>
#include <optional>
#include <span>

#include "app/gui/gl/handle.h"

namespace zscape::gl {

// A texture that follows a sheet of RGBA pixels in memory; shown without smoothing.
class Atlas {
 public:
  // A part of the sheet, in pixels from its upper left corner.
  struct Part {
    int x = 0, y = 0, width = 0, height = 0;
  };

  // Uploads changes: everything for a new generation, else these parts. sheet: [height, width, 4].
  void follow(std::span<const std::uint8_t> sheet, int width, int height, std::uint64_t generation,
              std::span<const Part> changed);

  GLuint texture() const { return texture_.name(); }  // never changes; empty without a sheet

 private:
  Texture texture_{GL_NEAREST};
  std::optional<std::uint64_t> generation_;
};

}  // namespace zscape::gl
