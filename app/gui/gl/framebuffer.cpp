#include "app/gui/gl/framebuffer.h"

#include <algorithm>

namespace zscape::gl {

Framebuffer::~Framebuffer() {
  release();
}

void Framebuffer::release() {
  if (framebuffer_ != 0) glDeleteFramebuffers(1, &framebuffer_);
  if (color_ != 0) glDeleteTextures(1, &color_);
  framebuffer_ = 0;
  color_ = 0;
}

bool Framebuffer::resize(int width, int height) {
  width = std::max(width, 1);
  height = std::max(height, 1);
  if (width == width_ && height == height_) return false;
  release();
  width_ = width;
  height_ = height;
  glGenTextures(1, &color_);
  glBindTexture(GL_TEXTURE_2D, color_);
  // The order of bytes that windows have, so that showing it is a plain copy.
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_BGRA, GL_UNSIGNED_INT_8_8_8_8_REV,
               nullptr);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  glGenFramebuffers(1, &framebuffer_);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, color_, 0);
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
  return true;
}

void Framebuffer::bind_for_drawing() const {
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer_);
  glViewport(0, 0, width_, height_);
  glDisable(GL_SCISSOR_TEST);
}

void Framebuffer::show(int x, int y, const int (&box)[4]) const {
  glBindFramebuffer(GL_READ_FRAMEBUFFER, framebuffer_);
  const bool whole =
      box[0] <= x && box[1] <= y && box[0] + box[2] >= x + width_ && box[1] + box[3] >= y + height_;
  if (whole) {
    glDisable(GL_SCISSOR_TEST);
  } else {
    glEnable(GL_SCISSOR_TEST);
    glScissor(box[0], box[1], box[2], box[3]);
  }
  glBlitFramebuffer(0, height_, width_, 0, x, y, x + width_, y + height_, GL_COLOR_BUFFER_BIT,
                    GL_NEAREST);
  glEnable(GL_SCISSOR_TEST);
  glBindFramebuffer(GL_READ_FRAMEBUFFER, 0);
}

}  // namespace zscape::gl
