#include "app/gui/gl/scatter.h"

#include <algorithm>
#include <utility>

#include "app/gui/gl/shader_sources.h"

namespace zscape::gl {

Expected<Scatter> Scatter::make() {
  return Program::link("scatter", kScatterVert, kScatterFrag).map([](Program&& program) {
    return Scatter(std::move(program));
  });
}

Scatter::Scatter(Program program) : program_(std::move(program)) {
  data_.floats(0, 2);
  data_.floats(1, 2);
  data_.byte(2);
  data_.byte(3);
  glBindVertexArray(0);
}

// Eighteen bytes a point: 70,000 points are 1.3 MB.
void Scatter::upload(const ScatterPoints& points) {
  data_.follow(0, points.from, points.revision);
  data_.follow(1, points.to, points.revision);
  data_.follow(2, points.dimmed, points.dimmed_revision);
  data_.follow(3, points.colors, points.colors_revision);
  count_ = static_cast<GLsizei>(std::min(points.dimmed.size(), points.colors.size()));
}

void Scatter::draw(const PlotView& view, const PointColors& colors, float diameter,
                   const std::optional<Rgba>& dim) const {
  if (count_ == 0) return;
  begin_blending();
  glEnable(GL_PROGRAM_POINT_SIZE);
  program_.use();
  set_view(program_, view);
  set_colors(program_, colors);
  glUniform1f(program_.uniform("diameter"), diameter);
  glUniform1i(program_.uniform("only_dimmed"), dim ? 1 : 0);
  set_premultiplied(program_.uniform("dim_color"), dim.value_or(Rgba{}));
  data_.bind();
  glDrawArrays(GL_POINTS, 0, count_);
  end_blending();
}

}  // namespace zscape::gl
