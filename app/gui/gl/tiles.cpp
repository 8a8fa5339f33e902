#include "app/gui/gl/tiles.h"

#include <algorithm>
#include <utility>

#include "app/gui/gl/shader_sources.h"

namespace zscape::gl {

Expected<Tiles> Tiles::make() {
  Expected<Program> program = Program::link("tile", kTileVert, kTileFrag);
  if (!program) return tl::unexpected(program.error());
  return Tiles(std::move(*program));
}

Tiles::Tiles(Program program) : program_(std::move(program)) {
  data_.floats(0, 4, 1);
  data_.floats(1, 4, 1);
  glBindVertexArray(0);
  // The sheet itself is shown without smoothing elsewhere.
  glGenSamplers(1, &sampler_);
  glSamplerParameteri(sampler_, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
  glSamplerParameteri(sampler_, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
  glSamplerParameteri(sampler_, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glSamplerParameteri(sampler_, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
}

Tiles::Tiles(Tiles&& other) noexcept
    : program_(std::move(other.program_)),
      data_(std::move(other.data_)),
      sampler_(std::exchange(other.sampler_, 0)),
      count_(other.count_) {}

Tiles::~Tiles() {
  if (sampler_ != 0) glDeleteSamplers(1, &sampler_);
}

void Tiles::upload(const std::vector<Tile>& tiles) {
  std::vector<std::array<float, 4>> boxes, parts;
  for (const Tile& tile : tiles) {
    boxes.push_back(tile.box);
    parts.push_back(tile.part);
  }
  const std::size_t bytes = tiles.size() * sizeof(std::array<float, 4>);
  fill_buffer(data_.buffer(0), bytes, boxes.data());
  fill_buffer(data_.buffer(1), bytes, parts.data());
  count_ = static_cast<GLsizei>(tiles.size());
}

void Tiles::draw(const PlotView& view, GLuint sheet, int width, int height, float strength,
                 const Rgba& ground) const {
  if (count_ == 0) return;
  glDisable(GL_BLEND);
  glDisable(GL_DEPTH_TEST);
  glDisable(GL_CULL_FACE);
  program_.use();
  set_view(program_, view);
  glUniform2f(program_.uniform("texel"), 1.0f / static_cast<float>(std::max(width, 1)),
              1.0f / static_cast<float>(std::max(height, 1)));
  glUniform1i(program_.uniform("sheet"), 0);
  glUniform1f(program_.uniform("strength"), strength);
  glUniform3f(program_.uniform("ground"), ground[0], ground[1], ground[2]);
  glActiveTexture(GL_TEXTURE0);
  glBindTexture(GL_TEXTURE_2D, sheet);
  glBindSampler(0, sampler_);
  data_.bind();
  glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, count_);
  glBindSampler(0, 0);
  glBindTexture(GL_TEXTURE_2D, 0);
  end_blending();
}

}  // namespace zscape::gl
