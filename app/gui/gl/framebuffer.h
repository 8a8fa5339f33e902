#pragma once

#include <epoxy/gl.h>

namespace zscape::gl {

// An off-screen picture that is drawn once and shown many times.
class Framebuffer {
 public:
  Framebuffer() = default;
  Framebuffer(const Framebuffer&) = delete;
  Framebuffer& operator=(const Framebuffer&) = delete;
  ~Framebuffer() { release(); }

  // Makes it this large, in pixels; true where that changed it, so that it must be drawn anew.
  bool resize(int width, int height);

  void bind_for_drawing() const;  // with a viewport over all of it, no scissor
  static void end_drawing() { glBindFramebuffer(GL_FRAMEBUFFER, 0); }  // back to the window

  // Copies it into the window with its lower left corner at (x, y) (pixels, y up), only within the
  // box (x, y, width, height; y up).
  void show(int x, int y, const int (&box)[4]) const;

 private:
  void release();
  GLuint framebuffer_ = 0;
  GLuint color_ = 0;
  GLuint depth_ = 0;
  int width_ = 0;
  int height_ = 0;
};

}  // namespace zscape::gl
