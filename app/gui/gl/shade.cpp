#include "app/gui/gl/shade.h"

#include "app/gui/gl/shader_sources.h"

namespace zscape::gl {

Expected<Shade> Shade::make() {
  return Program::link("shade", kShadeVert, kShadeFrag).map([](Program&& program) {
    return Shade(std::move(program));
  });
}

void Shade::upload(const Values& values) {
  if (uploaded_ == values.revision) return;
  uploaded_ = values.revision;
  shown_ = values;
  shown_.values = {};
  if (values.values.empty()) {
    shown_.columns = 0;
    return;
  }
  glBindTexture(GL_TEXTURE_2D, texture_.name());
  glTexImage2D(GL_TEXTURE_2D, 0, GL_R32F, values.columns, values.rows, 0, GL_RED, GL_FLOAT,
               values.values.data());
  glBindTexture(GL_TEXTURE_2D, 0);
}

void Shade::draw(const PlotView& view, const Colors& colors) const {
  if (shown_.columns == 0) return;
  const auto set_color = [this](const char* name, const Rgba& color) {
    glUniform3f(program_.uniform(name), color[0], color[1], color[2]);
  };
  begin_blending();
  program_.use();
  set_view(program_, view);
  glUniform1i(program_.uniform("values"), 0);
  glUniform2f(program_.uniform("low"), shown_.left, shown_.low);
  glUniform2f(program_.uniform("high"), shown_.right, shown_.high);
  glUniform1f(program_.uniform("levels"), shown_.levels);
  glUniform1f(program_.uniform("strength"), colors.strength);
  set_color("below", colors.below);
  set_color("above", colors.above);
  set_color("middle", colors.middle);
  draw_texture(texture_, data_);
  end_blending();
}

}  // namespace zscape::gl
