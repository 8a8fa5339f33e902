#include "app/gui/gl/program.h"

#include <utility>

#include "engine/text.h"

namespace zscape::gl {
namespace {

Expected<GLuint> compile(std::string_view name, GLenum kind, std::string_view source) {
  const GLuint shader = glCreateShader(kind);
  const char* text = source.data();
  const auto length = static_cast<GLint>(source.size());
  glShaderSource(shader, 1, &text, &length);
  glCompileShader(shader);
  GLint compiled = GL_FALSE;
  glGetShaderiv(shader, GL_COMPILE_STATUS, &compiled);
  if (compiled == GL_TRUE) return shader;
  char log[512] = "";
  glGetShaderInfoLog(shader, sizeof log, nullptr, log);
  glDeleteShader(shader);
  return fail(tr("the OpenGL driver cannot compile the {} shader '{}': {}",
                 kind == GL_VERTEX_SHADER ? "vertex" : "fragment", name, log));
}

}  // namespace

Expected<Program> Program::link(std::string_view name, std::string_view vertex,
                                std::string_view fragment) {
  const Expected<GLuint> first = compile(name, GL_VERTEX_SHADER, vertex);
  if (!first) return tl::unexpected(first.error());
  const Expected<GLuint> second = compile(name, GL_FRAGMENT_SHADER, fragment);
  if (!second) {
    glDeleteShader(*first);
    return tl::unexpected(second.error());
  }
  Program program(glCreateProgram());
  glAttachShader(program.id_, *first);
  glAttachShader(program.id_, *second);
  glLinkProgram(program.id_);
  glDeleteShader(*first);
  glDeleteShader(*second);
  GLint linked = GL_FALSE;
  glGetProgramiv(program.id_, GL_LINK_STATUS, &linked);
  if (linked == GL_TRUE) return program;
  char log[512] = "";
  glGetProgramInfoLog(program.id_, sizeof log, nullptr, log);
  return fail(tr("the OpenGL driver cannot link the shader '{}': {}", name, log));
}

Program::Program(Program&& other) noexcept : id_(std::exchange(other.id_, 0)) {}

Program& Program::operator=(Program&& other) noexcept {
  std::swap(id_, other.id_);
  return *this;
}

Program::~Program() {
  if (id_ != 0) glDeleteProgram(id_);
}

}  // namespace zscape::gl
