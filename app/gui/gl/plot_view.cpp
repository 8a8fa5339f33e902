#include "app/gui/gl/plot_view.h"

#include <algorithm>

#include "app/gui/gl/program.h"

namespace zscape::gl {

void set_view(const Program& program, const PlotView& view) {
  const float width = static_cast<float>(std::max(view.width, 1));
  const float height = static_cast<float>(std::max(view.height, 1));
  glUniform2f(program.uniform("center"), view.center_x, view.center_y);
  glUniform2f(program.uniform("clip_per_unit"), 2 * view.pixels_per_unit / width,
              2 * view.pixels_per_unit / height);
  glUniform1f(program.uniform("mix_part"), view.mix);
}

void set_colors(const Program& program, const PointColors& colors) {
  std::array<Rgba, kPalette> premultiplied = colors.palette;
  for (Rgba& entry : premultiplied) {
    for (std::size_t i = 0; i < 3; ++i) entry[i] *= entry[3];
  }
  glUniform4fv(program.uniform("palette"), static_cast<GLsizei>(kPalette),
               premultiplied.front().data());
}

void set_premultiplied(GLint uniform, const Rgba& color) {
  glUniform4f(uniform, color[0] * color[3], color[1] * color[3], color[2] * color[3], color[3]);
}

Texture::Texture(GLint filter) {
  GLuint name = 0;
  glGenTextures(1, &name);
  handle_ = Handle<&Texture::release>(name);
  glBindTexture(GL_TEXTURE_2D, name);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, filter);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, filter);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  glBindTexture(GL_TEXTURE_2D, 0);
}

void begin_blending() {
  glEnable(GL_BLEND);
  glBlendEquation(GL_FUNC_ADD);
  glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
  glDisable(GL_DEPTH_TEST);
  glDisable(GL_CULL_FACE);
}

void end_blending() {
  glBindVertexArray(0);
  glUseProgram(0);
  glDisable(GL_BLEND);
}

void draw_texture(const Texture& texture, const VertexData<1>& data) {
  glActiveTexture(GL_TEXTURE0);
  glBindTexture(GL_TEXTURE_2D, texture.name());
  data.bind();
  glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
  glBindTexture(GL_TEXTURE_2D, 0);
}

}  // namespace zscape::gl
