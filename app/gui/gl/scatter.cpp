#include "app/gui/gl/scatter.h"

#include <algorithm>
#include <utility>

#include "app/gui/gl/shader_sources.h"

namespace zscape::gl {
namespace {

// Sixteen bytes a point and one: 70,000 points are 1.2 MB.
void fill(GLuint buffer, GLsizeiptr bytes, const void* data) {
  glBindBuffer(GL_ARRAY_BUFFER, buffer);
  glBufferData(GL_ARRAY_BUFFER, bytes, data, GL_DYNAMIC_DRAW);
}

}  // namespace

Expected<Scatter> Scatter::make() {
  Expected<Program> program = Program::link("scatter", kScatterVert, kScatterFrag);
  if (!program) return tl::unexpected(program.error());
  return Scatter(std::move(*program));
}

Scatter::Scatter(Program program)
    : program_(std::move(program)), picture_(std::make_unique<Framebuffer>()) {
  glGenVertexArrays(1, &vertex_array_);
  glGenBuffers(static_cast<GLsizei>(buffers_.size()), buffers_.data());
  glBindVertexArray(vertex_array_);
  for (GLuint i = 0; i < 2; ++i) {
    glBindBuffer(GL_ARRAY_BUFFER, buffers_[i]);
    glEnableVertexAttribArray(i);
    glVertexAttribPointer(i, 2, GL_FLOAT, GL_FALSE, 0, nullptr);
  }
  glBindBuffer(GL_ARRAY_BUFFER, buffers_[2]);
  glEnableVertexAttribArray(2);
  glVertexAttribIPointer(2, 1, GL_UNSIGNED_BYTE, 0, nullptr);
  glBindVertexArray(0);
}

Scatter::Scatter(Scatter&& other) noexcept
    : program_(std::move(other.program_)),
      picture_(std::move(other.picture_)),
      vertex_array_(std::exchange(other.vertex_array_, 0)),
      buffers_(std::exchange(other.buffers_, {})),
      uploaded_(other.uploaded_),
      drawn_(other.drawn_) {}

Scatter::~Scatter() {
  if (vertex_array_ == 0) return;
  glDeleteVertexArrays(1, &vertex_array_);
  glDeleteBuffers(static_cast<GLsizei>(buffers_.size()), buffers_.data());
}

void Scatter::upload(const ScatterPoints& points) {
  fill(buffers_[0], static_cast<GLsizeiptr>(points.from.size_bytes()), points.from.data());
  fill(buffers_[1], static_cast<GLsizeiptr>(points.to.size_bytes()), points.to.data());
  fill(buffers_[2], static_cast<GLsizeiptr>(points.entries.size_bytes()), points.entries.data());
  uploaded_ = points.revision;
}

bool Scatter::draw(const ScatterPoints& points, const ScatterLook& look) {
  const bool new_points = uploaded_ != points.revision;
  if (new_points) upload(points);
  const bool resized = picture_->resize(look.width, look.height);
  if (!new_points && !resized && drawn_ == look) return false;
  drawn_ = look;

  picture_->bind_for_drawing();
  glClearColor(look.ground[0], look.ground[1], look.ground[2], 1);
  glClear(GL_COLOR_BUFFER_BIT);
  if (!points.entries.empty()) {
    std::array<Rgba, kPalette> premultiplied = look.palette;
    for (Rgba& entry : premultiplied) {
      for (std::size_t i = 0; i < 3; ++i) entry[i] *= entry[3];
    }
    glEnable(GL_BLEND);
    glBlendEquation(GL_FUNC_ADD);
    glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
    glDisable(GL_DEPTH_TEST);
    glDisable(GL_CULL_FACE);
    glEnable(GL_PROGRAM_POINT_SIZE);
    program_.use();
    const float width = static_cast<float>(std::max(look.width, 1));
    const float height = static_cast<float>(std::max(look.height, 1));
    glUniform2f(program_.uniform("center"), look.center_x, look.center_y);
    glUniform2f(program_.uniform("clip_per_unit"), 2 * look.pixels_per_unit / width,
                2 * look.pixels_per_unit / height);
    glUniform1f(program_.uniform("mix_part"), look.mix);
    glUniform1f(program_.uniform("diameter"), look.diameter);
    glUniform4fv(program_.uniform("palette"), static_cast<GLsizei>(kPalette),
                 premultiplied.front().data());
    glBindVertexArray(vertex_array_);
    glDrawArrays(GL_POINTS, 0, static_cast<GLsizei>(points.entries.size()));
    glBindVertexArray(0);
    glUseProgram(0);
    glDisable(GL_BLEND);
  }
  glBindFramebuffer(GL_FRAMEBUFFER, 0);
  return true;
}

void Scatter::show(int x, int y, const int (&box)[4]) const {
  picture_->show(x, y, box);
}

}  // namespace zscape::gl
