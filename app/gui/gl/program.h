#pragma once

#include <epoxy/gl.h>

#include <string_view>

#include "app/gui/gl/handle.h"
#include "engine/error.h"

namespace zscape::gl {

// A linked pair of shaders. Like everything in this folder it needs the OpenGL context that was
// current when it was made.
class Program {
 public:
  static Expected<Program> link(std::string_view name, std::string_view vertex,
                                std::string_view fragment);

  void use() const { glUseProgram(handle_.name()); }
  GLint uniform(const char* name) const { return glGetUniformLocation(handle_.name(), name); }

 private:
  explicit Program(GLuint name) : handle_(name) {}
  static void release(GLuint name) { glDeleteProgram(name); }
  Handle<&Program::release> handle_;
};

}  // namespace zscape::gl
