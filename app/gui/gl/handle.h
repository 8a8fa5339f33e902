#pragma once

#include <epoxy/gl.h>

#include <utility>

namespace zscape::gl {

// Owns a name that OpenGL gave. Moved, never copied.
template <void (*release)(GLuint)>
class Handle {
 public:
  explicit Handle(GLuint name = 0) : name_(name) {}
  Handle(Handle&& other) noexcept : name_(std::exchange(other.name_, 0)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(name_, other.name_);
    return *this;
  }
  ~Handle() {
    if (name_ != 0) release(name_);
  }
  GLuint name() const { return name_; }

 private:
  GLuint name_;
};

// A texture that shows its edge beyond it. filter: GL_NEAREST or GL_LINEAR.
class Texture {
 public:
  explicit Texture(GLint filter);
  GLuint name() const { return handle_.name(); }

 private:
  static void release(GLuint name) { glDeleteTextures(1, &name); }
  Handle<&Texture::release> handle_;
};

}  // namespace zscape::gl
