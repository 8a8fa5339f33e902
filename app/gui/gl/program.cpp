#include "app/gui/gl/program.h"

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
  const GLuint id = glCreateProgram();
  Program program(id);
  glAttachShader(id, *first);
  glAttachShader(id, *second);
  glLinkProgram(id);
  glDeleteShader(*first);
  glDeleteShader(*second);
  GLint linked = GL_FALSE;
  glGetProgramiv(id, GL_LINK_STATUS, &linked);
  if (linked == GL_TRUE) return program;
  char log[512] = "";
  glGetProgramInfoLog(id, sizeof log, nullptr, log);
  return fail(tr("the OpenGL driver cannot link the shader '{}': {}", name, log));
}

}  // namespace zscape::gl
