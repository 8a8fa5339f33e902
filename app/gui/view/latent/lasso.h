#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/gui/view/latent/points.h"

namespace zscape {

// A closed polygon in the latent plane, for tests of very many points: its edges are sorted into
// horizontal slabs, so a point meets only those at its height. Even-odd rule.
class Lasso {
 public:
  explicit Lasso(std::span<const Vec2> corners);

  bool contains(Vec2 point) const;
  const Box& bounds() const { return bounds_; }  // empty: low above high

 private:
  struct Edge {
    Vec2 from;
    Vec2 to;
  };
  std::size_t slab_of(float y) const;

  Box bounds_;
  std::vector<std::uint32_t> begins_;  // [slabs + 1]: where each slab's edges begin
  std::vector<Edge> edges_;
};

}  // namespace zscape
