#include "engine/data/rasteriser.h"

#include <algorithm>
#include <cassert>
#include <cfloat>
#include <cmath>
#include <cstddef>

// Excess precision between operations would change the bits.
static_assert(FLT_EVAL_METHOD == 0, "zscape needs float arithmetic in float");

namespace zscape {
namespace {

constexpr float kSegmentLength = 1.25F;  // pixels; short enough to look round
constexpr float kEdge = 0.5F;            // half the width of the anti-aliased edge, in pixels

struct Vector {
  float x = 0;
  float y = 0;
};

Vector operator+(Vector a, Vector b) {
  return {a.x + b.x, a.y + b.y};
}
Vector operator*(float s, Vector a) {
  return {s * a.x, s * a.y};
}

float distance(const PenPoint& a, const PenPoint& b) {
  const float x = b.x - a.x;
  const float y = b.y - a.y;
  return std::sqrt(x * x + y * y);
}

// Unit vector from a to b.
Vector direction(const PenPoint& a, const PenPoint& b) {
  const float length = distance(a, b);
  return {(b.x - a.x) / length, (b.y - a.y) / length};
}

// The tangent at `middle` of the parabola through three points, parametrised by chord length.
Vector tangent(const PenPoint& before, const PenPoint& middle, const PenPoint& after) {
  const float length_in = distance(before, middle);
  const float length_out = distance(middle, after);
  const float share_in = length_out / (length_in + length_out);
  return share_in * direction(before, middle) + (1 - share_in) * direction(middle, after);
}

}  // namespace

Rasteriser::Rasteriser(int width, int height)
    : width_(width),
      height_(height),
      coverage_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) {}

void Rasteriser::clear() {
  std::fill(coverage_.begin(), coverage_.end(), 0.0F);
}

void Rasteriser::draw(std::span<const PenPoint> points, bool closed) {
  assert(points.size() >= (closed ? 3U : 2U));
  const std::size_t count = points.size();
  const std::size_t spans = closed ? count : count - 1;
  // At a smooth point the neighbours give the tangent.
  const auto is_smooth = [&](std::size_t i) {
    return !points[i].corner && (closed || (i > 0 && i + 1 < count));
  };
  const auto tangent_at = [&](std::size_t i) {
    return tangent(points[(i + count - 1) % count], points[i], points[(i + 1) % count]);
  };

  for (std::size_t i = 0; i < spans; ++i) {
    const std::size_t j = (i + 1) % count;
    const PenPoint& a = points[i];
    const PenPoint& b = points[j];
    const float length = distance(a, b);
    const Vector chord = direction(a, b);
    Vector start = chord;
    Vector end = chord;
    if (is_smooth(i)) start = tangent_at(i);
    if (is_smooth(j)) end = tangent_at(j);
    // At an end, the tangent of the parabola through the neighbour's tangent.
    if (!is_smooth(i)) start = 2.0F * chord + -1.0F * end;
    if (!is_smooth(j)) end = 2.0F * chord + -1.0F * start;

    const int pieces = std::max(1, static_cast<int>(length / kSegmentLength + 0.999F));
    PenPoint from = a;
    for (int piece = 1; piece <= pieces; ++piece) {
      const float t = static_cast<float>(piece) / static_cast<float>(pieces);
      const float s = 1 - t;
      const float at_a = s * s * (1 + 2 * t);
      const float at_b = t * t * (1 + 2 * s);
      const float along_a = t * s * s * length;
      const float along_b = -(t * t * s) * length;
      const PenPoint to{at_a * a.x + at_b * b.x + along_a * start.x + along_b * end.x,
                        at_a * a.y + at_b * b.y + along_a * start.y + along_b * end.y,
                        s * a.radius + t * b.radius, false};
      draw_segment(from, to);
      from = to;
    }
  }
}

void Rasteriser::draw_segment(const PenPoint& from, const PenPoint& to) {
  const float along_x = to.x - from.x;
  const float along_y = to.y - from.y;
  const float length_squared = along_x * along_x + along_y * along_y;
  const float inverse = length_squared > 0 ? 1 / length_squared : 0;
  const float growth = to.radius - from.radius;
  const float reach = std::max(from.radius, to.radius) + kEdge;

  // Pixels whose centre may lie within reach.
  const auto first = [&](float low) {
    return static_cast<int>(std::max(0.0F, std::floor(low - reach)));
  };
  const auto last = [&](float high, int size) {
    return static_cast<int>(std::min(static_cast<float>(size), std::floor(high + reach) + 1));
  };
  const int left = first(std::min(from.x, to.x));
  const int right = last(std::max(from.x, to.x), width_);
  const int top = first(std::min(from.y, to.y));
  const int bottom = last(std::max(from.y, to.y), height_);

  for (int row = top; row < bottom; ++row) {
    float* line = coverage_.data() + static_cast<std::ptrdiff_t>(row) * width_;
    const float y = static_cast<float>(row) + 0.5F - from.y;
    for (int column = left; column < right; ++column) {
      const float x = static_cast<float>(column) + 0.5F - from.x;
      const float t = std::clamp((x * along_x + y * along_y) * inverse, 0.0F, 1.0F);
      const float away_x = x - t * along_x;
      const float away_y = y - t * along_y;
      const float away_squared = away_x * away_x + away_y * away_y;
      if (away_squared >= reach * reach) continue;
      const float inside = from.radius + t * growth - std::sqrt(away_squared);
      const float covered = std::clamp(inside + kEdge, 0.0F, 1.0F);
      line[column] = std::max(line[column], covered);
    }
  }
}

void Rasteriser::read(std::span<std::uint8_t> pixels) const {
  assert(pixels.size() == coverage_.size());
  std::transform(coverage_.begin(), coverage_.end(), pixels.begin(),
                 [](float covered) { return static_cast<std::uint8_t>(covered * 255.0F + 0.5F); });
}

}  // namespace zscape
