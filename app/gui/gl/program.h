#pragma once

#include <epoxy/gl.h>

#include <string_view>

#include "engine/error.h"

namespace zscape::gl {

// A linked pair of shaders. Needs the context of its making, like everything in this folder.
class Program {
 public:
  static Expected<Program> link(std::string_view name, std::string_view vertex,
                                std::string_view fragment);
  Program(Program&& other) noexcept;
  Program& operator=(Program&& other) noexcept;
  ~Program();

  void use() const { glUseProgram(id_); }
  GLint uniform(const char* name) const { return glGetUniformLocation(id_, name); }

 private:
  explicit Program(GLuint id) : id_(id) {}
  GLuint id_ = 0;
};

}  // namespace zscape::gl
