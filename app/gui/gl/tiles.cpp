#include "app/gui/gl/tiles.h"

#include <algorithm>
#include <utility>

#include "app/gui/gl/shader_sources.h"

namespace zscape::gl {

Expected<Tiles> Tiles::make() {
  return Program::link("tile", kTileVert, kTileFrag).map([](Program&& program) {
    return Tiles(std::move(program));
  });
}

Tiles::Tiles(Program program) : program_(std::move(program)) {
  data_.floats(0, 4, 1);
  data_.floats(1, 4, 1);
  glBindVertexArray(0);
  // The sheet itself is shown without smoothing elsewhere.
  GLuint sampler = 0;
  glGenSamplers(1, &sampler);
  sampler_ = Handle<&Tiles::release>(sampler);
  glSamplerParameteri(sampler, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
  glSamplerParameteri(sampler, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
  glSamplerParameteri(sampler, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glSamplerParameteri(sampler, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
}

void Tiles::upload(const std::vector<Tile>& tiles) {
  std::vector<float> boxes, parts;
  for (const Tile& tile : tiles) {
    boxes.insert(boxes.end(), tile.box.begin(), tile.box.end());
    parts.insert(parts.end(), tile.part.begin(), tile.part.end());
  }
  data_.fill<float>(0, boxes);
  data_.fill<float>(1, parts);
  count_ = static_cast<GLsizei>(tiles.size());
}

void Tiles::draw(const PlotView& view, const Sheet& sheet, float strength, const Rgba& ground,
                 const Rgba& ink) const {
  if (count_ == 0) return;
  glDisable(GL_BLEND);
  glDisable(GL_DEPTH_TEST);
  glDisable(GL_CULL_FACE);
  program_.use();
  set_view(program_, view);
  glUniform2f(program_.uniform("texel"), 1.0f / static_cast<float>(std::max(sheet.width, 1)),
              1.0f / static_cast<float>(std::max(sheet.height, 1)));
  glUniform1i(program_.uniform("sheet"), 0);
  glUniform1f(program_.uniform("strength"), strength);
  glUniform3f(program_.uniform("ground"), ground[0], ground[1], ground[2]);
  glUniform1i(program_.uniform("is_row"), sheet.is_row ? 1 : 0);
  glUniform3f(program_.uniform("ink"), ink[0], ink[1], ink[2]);
  glActiveTexture(GL_TEXTURE0);
  glBindTexture(GL_TEXTURE_2D, sheet.texture);
  glBindSampler(0, sampler_.name());
  data_.bind();
  glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, count_);
  glBindSampler(0, 0);
  glBindTexture(GL_TEXTURE_2D, 0);
  end_blending();
}

}  // namespace zscape::gl
