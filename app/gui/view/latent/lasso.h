#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/gui/view/latent/points.h"

namespace zscape {

// A closed polygon in the latent plane, made to be asked about very many points: its edges lie
// sorted into horizontal slabs, so that a point meets only those at its height. What is crossed an
// even number of times on the way out is outside (the even-odd rule).
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
