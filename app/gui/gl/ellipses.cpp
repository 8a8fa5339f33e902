#include "app/gui/gl/ellipses.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/gui/gl/shader_sources.h"

namespace zscape::gl {

Expected<Ellipses> Ellipses::make() {
  return Program::link("ellipse", kEllipseVert, kEllipseFrag).map([](Program&& program) {
    return Ellipses(std::move(program));
  });
}

Ellipses::Ellipses(Program program) : program_(std::move(program)) {
  for (const GLuint pair : {0u, 1u, 2u, 3u}) data_.floats(pair, 2, 1);
  data_.byte(4, 1);
  glBindVertexArray(0);
}

void Ellipses::upload(const EllipseSet& set) {
  if (uploaded_ == set.revision) return;
  uploaded_ = set.revision;
  data_.fill(0, set.from);
  data_.fill(1, set.to);
  data_.fill(2, set.sigma);
  data_.fill(3, set.turn);
  data_.fill(4, set.colors);
  count_ = static_cast<GLsizei>(set.colors.size());
  typical_sigma_ = set.typical_sigma;
}

void Ellipses::draw(const PlotView& view, const PointColors& colors, float width) const {
  if (count_ == 0) return;
  begin_blending();
  program_.use();
  set_view(program_, view);
  set_colors(program_, colors);
  glUniform1f(program_.uniform("pixels_per_unit"), view.pixels_per_unit);
  glUniform1f(program_.uniform("width"), width);
  data_.bind();
  for (const int sigmas : {1, 2}) {
    // So many corners that chords leave a typical ellipse by a quarter of a pixel.
    const float radius = static_cast<float>(sigmas) * typical_sigma_ * view.pixels_per_unit;
    const int segments =
        std::clamp(static_cast<int>(std::ceil(4.5f * std::sqrt(std::max(radius, 0.0f)))), 12, 96);
    glUniform1f(program_.uniform("sigmas"), static_cast<float>(sigmas));
    glUniform1i(program_.uniform("segments"), segments);
    glUniform1f(program_.uniform("opacity"), sigmas == 1 ? 0.75f : 0.4f);
    glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 2 * (segments + 1), count_);
  }
  end_blending();
}

}  // namespace zscape::gl
