#include "app/gui/gl/field.h"

#include <utility>

#include "app/gui/gl/shader_sources.h"

namespace zscape::gl {

constexpr float kContours = 7;

Expected<Field> Field::make() {
  return Program::link("field", kFieldVert, kFieldFrag).map([](Program&& program) {
    return Field(std::move(program));
  });
}

void Field::upload(std::span<const float> values, int width, int height, std::uint64_t revision) {
  if (uploaded_ == revision) return;
  uploaded_ = revision;
  width_ = width;
  height_ = height;
  if (values.empty()) return;
  glBindTexture(GL_TEXTURE_2D, texture_.name());
  glTexImage2D(GL_TEXTURE_2D, 0, GL_R32F, width, height, 0, GL_RED, GL_FLOAT, values.data());
  glBindTexture(GL_TEXTURE_2D, 0);
}

void Field::draw(const PlotView& view, float cell, const Rgba& color) const {
  if (width_ == 0 || height_ == 0) return;
  begin_blending();
  program_.use();
  glUniform1i(program_.uniform("density"), 0);
  glUniform2f(program_.uniform("part"),
              static_cast<float>(view.width) / (cell * static_cast<float>(width_)),
              static_cast<float>(view.height) / (cell * static_cast<float>(height_)));
  glUniform3f(program_.uniform("color"), color[0], color[1], color[2]);
  glUniform1f(program_.uniform("levels"), kContours);
  draw_texture(texture_, data_);
  end_blending();
}

}  // namespace zscape::gl
