#pragma once

#include <epoxy/gl.h>

namespace zscape::gl {

// An off-screen picture that is drawn once and shown many times. It is kept upside down, first row
// at the top like a window in memory: then Mesa's software rendering shows it by copying rows, at a
// tenth of the cost.
class Framebuffer {
 public:
  Framebuffer() = default;
  Framebuffer(const Framebuffer&) = delete;
  Framebuffer& operator=(const Framebuffer&) = delete;
  ~Framebuffer();

  // Makes it this large, in pixels; true where that changed it, so that it must be drawn anew.
  bool resize(int width, int height);

  // Upside down; with a viewport over the whole of it, no scissor.
  void bind_for_drawing() const;

  // Copies it onto the window with its lower left corner there (pixels, y up). Whatever lies
  // outside the box (x, y, width, height; y up) is left alone.
  void show(int x, int y, const int (&box)[4]) const;

 private:
  void release();
  GLuint framebuffer_ = 0;
  GLuint color_ = 0;
  int width_ = 0;
  int height_ = 0;
};

}  // namespace zscape::gl
