#include "app/gui/gl/cloud.h"

#include <algorithm>
#include <utility>

#include "app/gui/gl/shader_sources.h"

namespace zscape::gl {

Expected<Cloud> Cloud::make() {
  Expected<Program> points = Program::link("cloud", kCloudVert, kCloudFrag);
  if (!points) return tl::unexpected(points.error());
  Expected<Program> lines = Program::link("line", kLineVert, kLineFrag);
  if (!lines) return tl::unexpected(lines.error());
  return Cloud(std::move(*points), std::move(*lines));
}

Cloud::Cloud(Program points, Program lines)
    : program_(std::move(points)), lines_(std::move(lines)) {
  data_.floats(0, 2);
  data_.floats(1, 2);
  data_.floats(2, 1);
  data_.floats(3, 1);
  data_.byte(4);
  data_.byte(5);
  ends_.floats(0, 3);
  glBindVertexArray(0);
}

void Cloud::upload(const CloudPoints& points) {
  data_.follow(0, points.from, points.revision);
  data_.follow(1, points.to, points.revision);
  data_.follow(2, points.from_depth, points.revision);
  data_.follow(3, points.to_depth, points.revision);
  data_.follow(4, points.dimmed, points.dimmed_revision);
  data_.follow(5, points.colors, points.colors_revision);
  count_ = static_cast<GLsizei>(
      std::min({points.dimmed.size(), points.colors.size(), points.to_depth.size()}));
}

void Cloud::begin() const {
  glDepthMask(GL_TRUE);
  glClearDepth(1);
  glClear(GL_DEPTH_BUFFER_BIT);
}

void Cloud::draw_lines(const CloudView& view, std::span<const float> ends, const Rgba& color) {
  ends_.fill(0, ends);
  begin_blending();
  glEnable(GL_LINE_SMOOTH);
  glEnable(GL_DEPTH_TEST);
  glDepthMask(GL_FALSE);
  lines_.use();
  glUniformMatrix4fv(lines_.uniform("clip"), 1, GL_FALSE, view.clip.data());
  set_premultiplied(lines_.uniform("color"), color);
  ends_.bind();
  glDrawArrays(GL_LINES, 0, static_cast<GLsizei>(ends.size() / 3));
  glDepthMask(GL_TRUE);
  glDisable(GL_DEPTH_TEST);
  glDisable(GL_LINE_SMOOTH);
  end_blending();
}

void Cloud::draw(const CloudView& view, const PointColors& colors, float diameter,
                 const Rgba& ground, const std::optional<Rgba>& dim) const {
  if (count_ == 0) return;
  begin_blending();
  glEnable(GL_DEPTH_TEST);
  glDepthFunc(GL_LEQUAL);
  glDepthMask(dim ? GL_FALSE : GL_TRUE);  // what is dimmed hides nothing
  glEnable(GL_PROGRAM_POINT_SIZE);
  program_.use();
  set_colors(program_, colors);
  glUniformMatrix4fv(program_.uniform("clip"), 1, GL_FALSE, view.clip.data());
  glUniform1f(program_.uniform("mix_part"), view.mix);
  glUniform1f(program_.uniform("diameter"), diameter);
  glUniform1f(program_.uniform("distance"), view.distance);
  glUniform1f(program_.uniform("reach"), view.reach);
  glUniform1f(program_.uniform("fade"), kFarFade);
  glUniform3f(program_.uniform("ground"), ground[0], ground[1], ground[2]);
  glUniform1i(program_.uniform("only_dimmed"), dim ? 1 : 0);
  set_premultiplied(program_.uniform("dim_color"), dim.value_or(Rgba{}));
  data_.bind();
  glDrawArrays(GL_POINTS, 0, count_);
  glDepthMask(GL_TRUE);
  glDisable(GL_DEPTH_TEST);
  end_blending();
}

}  // namespace zscape::gl
