#pragma once

#include <epoxy/gl.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

namespace zscape::gl {

// A vertex array with N buffers, moved but never copied.
template <std::size_t N>
class VertexData {
 public:
  VertexData() {
    glGenVertexArrays(1, &array_);
    glGenBuffers(static_cast<GLsizei>(N), buffers_.data());
  }
  VertexData(VertexData&& other) noexcept
      : array_(std::exchange(other.array_, 0)),
        buffers_(std::exchange(other.buffers_, {})),
        revisions_(other.revisions_) {}
  VertexData& operator=(VertexData&&) = delete;
  ~VertexData() {
    if (array_ == 0) return;
    glDeleteVertexArrays(1, &array_);
    glDeleteBuffers(static_cast<GLsizei>(N), buffers_.data());
  }

  void bind() const { glBindVertexArray(array_); }

  // Fills a buffer with what is drawn next.
  template <class Value>
  void fill(std::size_t which, std::span<const Value> values) const {
    glBindBuffer(GL_ARRAY_BUFFER, buffers_[which]);
    glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(values.size_bytes()), values.data(),
                 GL_DYNAMIC_DRAW);
  }

  // The same, unless this revision of the values is there already.
  template <class Value>
  void follow(std::size_t which, std::span<const Value> values, std::uint64_t revision) {
    if (std::exchange(revisions_[which], revision) != revision) fill(which, values);
  }

  // Attribute i reads buffer i: so many floats, or one byte as a whole number. divisor 1: one an
  // instance.
  void floats(GLuint which, GLint size, GLuint divisor = 0) const {
    attach(which, divisor);
    glVertexAttribPointer(which, size, GL_FLOAT, GL_FALSE, 0, nullptr);
  }
  void byte(GLuint which, GLuint divisor = 0) const {
    attach(which, divisor);
    glVertexAttribIPointer(which, 1, GL_UNSIGNED_BYTE, 0, nullptr);
  }

 private:
  void attach(GLuint which, GLuint divisor) const {
    glBindVertexArray(array_);
    glBindBuffer(GL_ARRAY_BUFFER, buffers_[which]);
    glEnableVertexAttribArray(which);
    glVertexAttribDivisor(which, divisor);
  }

  GLuint array_ = 0;
  std::array<GLuint, N> buffers_{};
  std::array<std::optional<std::uint64_t>, N> revisions_;  // of what follow() filled in
};

}  // namespace zscape::gl
