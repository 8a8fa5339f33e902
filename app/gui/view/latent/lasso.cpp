#include "app/gui/view/latent/lasso.h"

#include <algorithm>
#include <limits>

namespace zscape {
namespace {

constexpr std::size_t kMostSlabs = 1024;

}  // namespace

Lasso::Lasso(std::span<const Vec2> corners) {
  constexpr float kFar = std::numeric_limits<float>::infinity();
  bounds_ = {{kFar, kFar}, {-kFar, -kFar}};
  if (corners.size() < 3) return;
  for (const Vec2 corner : corners) {
    bounds_.low = {std::min(bounds_.low.x, corner.x), std::min(bounds_.low.y, corner.y)};
    bounds_.high = {std::max(bounds_.high.x, corner.x), std::max(bounds_.high.y, corner.y)};
  }
  const std::size_t slabs = std::min(corners.size(), kMostSlabs);
  begins_.assign(slabs + 1, 0);
  const auto each_edge = [&](auto visit) {
    for (std::size_t i = 0; i < corners.size(); ++i) {
      const Edge edge{corners[i], corners[(i + 1) % corners.size()]};
      const std::size_t first = slab_of(std::min(edge.from.y, edge.to.y));
      const std::size_t last = slab_of(std::max(edge.from.y, edge.to.y));
      for (std::size_t slab = first; slab <= last; ++slab) visit(slab, edge);
    }
  };
  each_edge([&](std::size_t slab, const Edge&) { ++begins_[slab + 1]; });
  for (std::size_t slab = 0; slab < slabs; ++slab) begins_[slab + 1] += begins_[slab];
  edges_.resize(begins_.back());
  std::vector<std::uint32_t> next(begins_.begin(), begins_.end() - 1);
  each_edge([&](std::size_t slab, const Edge& edge) { edges_[next[slab]++] = edge; });
}

// Rises with y, so that an edge lies in the slab of each of its points.
std::size_t Lasso::slab_of(float y) const {
  const auto slabs = static_cast<float>(begins_.size() - 1);
  const float height = bounds_.high.y - bounds_.low.y;
  const float slab = height > 0 ? (y - bounds_.low.y) / height * slabs : 0;
  return static_cast<std::size_t>(std::clamp(slab, 0.0f, slabs - 1));
}

bool Lasso::contains(Vec2 point) const {
  if (!bounds_.contains(point)) return false;
  const std::size_t slab = slab_of(point.y);
  bool inside = false;
  for (std::uint32_t i = begins_[slab]; i < begins_[slab + 1]; ++i) {
    const Vec2 a = edges_[i].from, b = edges_[i].to;
    if ((a.y > point.y) == (b.y > point.y)) continue;
    if (point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

}  // namespace zscape
