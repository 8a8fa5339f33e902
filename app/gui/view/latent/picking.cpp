#include "app/gui/view/latent/picking.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace zscape {
namespace {

constexpr std::size_t kSortedAFrame = 100000;  // points; some 3 ms

// Whether the legend has switched off all that there is.
bool none_shown(const Points& points, const HiddenLabels& hidden) {
  const std::span<const int> counts = points.counts();
  for (std::size_t entry = 0; entry < counts.size(); ++entry) {
    if (counts[entry] > 0 && (entry == Points::kNoLabel || !hidden[entry])) return false;
  }
  return true;
}

constexpr std::size_t kMostSlabs = 1024;

template <class Holds>
std::vector<std::size_t> inside(const Points& points, const LatentView& view,
                                const HiddenLabels& hidden, Holds holds) {
  std::vector<std::size_t> found;
  if (!view.orbit || points.to_depth().empty()) return found;
  for (std::size_t i = 0; i < points.count(); ++i) {
    if (points.hidden(i, hidden)) continue;
    const Vec2 place = screen_of_point(points, view, i);
    if (view.contains(place) && holds(view.to_latent(place))) found.push_back(i);
  }
  return found;
}

}  // namespace

std::optional<Picked> nearest_point(const Points& points, const LatentView& view, Vec2 screen,
                                    const HiddenLabels& hidden) {
  const Vec2 place = view.to_latent(screen);
  float best = std::numeric_limits<float>::infinity();
  std::optional<Picked> picked;
  for (std::size_t i = 0; i < points.count(); ++i) {
    const Vec2 position = points.position(i);
    const float x = position.x - place.x;
    const float y = position.y - place.y;
    const float square = x * x + y * y;
    if (square < best && !points.hidden(i, hidden)) {
      best = square;
      picked = Picked{i, 0};
    }
  }
  if (picked) picked->distance = std::sqrt(best) * view.pixels_per_unit;
  return picked;
}

std::optional<std::size_t> nearest_code(const Points& points, std::span<const float> z,
                                        const HiddenLabels& hidden) {
  float best = std::numeric_limits<float>::infinity();
  std::optional<std::size_t> nearest;
  if (points.empty() || points.mean(0).size() != z.size()) return nearest;
  for (std::size_t point = 0; point < points.count(); ++point) {
    const std::span<const float> mean = points.mean(point);
    float square = 0;
    for (std::size_t i = 0; i < z.size() && square < best; ++i) {
      square += (mean[i] - z[i]) * (mean[i] - z[i]);
    }
    if (square < best && !points.hidden(point, hidden)) {
      best = square;
      nearest = point;
    }
  }
  return nearest;
}

bool Picker::has_grid(const Points& points) const {
  return grid_.ready() && revision_ == points.revision() && points.count() > kFew &&
         !points.moving();
}

void Picker::follow(const Points& points) {
  if (points.count() <= kFew || points.moving()) return;
  if (revision_ != points.revision()) {
    revision_ = points.revision();
    grid_.begin(points.to(), points.extent());
  }
  grid_.advance(points.to(), kSortedAFrame);
}

std::optional<Picked> Picker::nearest(const Points& points, const LatentView& view, Vec2 screen,
                                      const HiddenLabels& hidden, float reach) const {
  if (points.empty() || none_shown(points, hidden)) return {};
  if (!has_grid(points)) {
    const auto picked = nearest_point(points, view, screen, hidden);
    return picked && picked->distance <= reach ? picked : std::nullopt;
  }
  const float length = reach / view.pixels_per_unit;
  const auto found =
      grid_.nearest(view.to_latent(screen), length * length,
                    [&](std::uint32_t point) { return !points.hidden(point, hidden); });
  if (!found) return {};
  return Picked{found->index, std::sqrt(found->square) * view.pixels_per_unit};
}

template <class Holds>
std::vector<std::size_t> Picker::inside(const Points& points, const Box& box,
                                        const HiddenLabels& hidden, Holds holds) const {
  std::vector<std::size_t> found;
  const auto look_at = [&](std::size_t point, Vec2 place) {
    if (box.contains(place) && holds(place) && !points.hidden(point, hidden))
      found.push_back(point);
  };
  if (!has_grid(points)) {
    for (std::size_t i = 0; i < points.count(); ++i) look_at(i, points.position(i));
    return found;
  }
  grid_.visit(box, look_at);
  if (found.size() < points.count() / 16) {
    std::ranges::sort(found);
    return found;
  }
  std::vector<bool> in_box(points.count());  // quicker than to sort very many
  for (const std::size_t point : found) in_box[point] = true;
  found.clear();
  for (std::size_t i = 0; i < in_box.size(); ++i) {
    if (in_box[i]) found.push_back(i);
  }
  return found;
}

std::vector<std::size_t> Picker::inside(const Points& points, const Box& box,
                                        const HiddenLabels& hidden) const {
  return inside(points, box, hidden, [](Vec2) { return true; });
}

std::vector<std::size_t> Picker::inside(const Points& points, const Lasso& lasso,
                                        const HiddenLabels& hidden) const {
  return inside(points, lasso.bounds(), hidden,
                [&lasso](Vec2 place) { return lasso.contains(place); });
}

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

Vec2 screen_of_point(const Points& points, const LatentView& view, std::size_t point) {
  const Vec2 place = points.position(point);
  return view.orbit ? view.space_to_screen({place.x, place.y, points.depth(point)})
                    : view.to_screen(place);
}

std::vector<std::size_t> inside_in_space(const Points& points, const LatentView& view,
                                         const Box& box, const HiddenLabels& hidden) {
  return inside(points, view, hidden, [&](Vec2 at) { return box.contains(at); });
}

std::vector<std::size_t> inside_in_space(const Points& points, const LatentView& view,
                                         const Lasso& lasso, const HiddenLabels& hidden) {
  return inside(points, view, hidden, [&](Vec2 at) { return lasso.contains(at); });
}

std::optional<Picked> nearest_in_space(const Points& points, const LatentView& view, Vec2 screen,
                                       const HiddenLabels& hidden, float reach) {
  if (!view.orbit || points.to_depth().empty()) return {};
  const std::array<float, 16> m = view.orbit->clip_matrix(view.size.x, view.size.y);
  const float to_x = view.size.x / 2, to_y = view.size.y / 2;
  const float x = screen.x - view.origin.x - to_x;
  const float y = view.origin.y + to_y - screen.y;
  const float least_depth = view.orbit->distance() / 20;
  float best = std::numeric_limits<float>::infinity(), nearest = best, depth_in_front = best;
  std::optional<Picked> picked, in_front;
  for (std::size_t i = 0; i < points.count(); ++i) {
    const Vec2 p = points.position(i);
    const float third = points.depth(i);
    const float depth = m[3] * p.x + m[7] * p.y + m[11] * third + m[15];
    if (!(depth > least_depth)) continue;
    const float off_x = (m[0] * p.x + m[4] * p.y + m[8] * third + m[12]) / depth * to_x - x;
    const float off_y = (m[1] * p.x + m[5] * p.y + m[9] * third + m[13]) / depth * to_y - y;
    const float square = off_x * off_x + off_y * off_y;
    const bool under = square <= reach * reach;
    if (!(square < best) && !(under && depth < depth_in_front)) continue;
    if (points.hidden(i, hidden)) continue;
    if (square < best) {
      best = square;
      picked = Picked{i, 0};
    }
    if (under && depth < depth_in_front) {
      depth_in_front = depth;
      nearest = square;
      in_front = Picked{i, 0};
    }
  }
  if (in_front) {
    in_front->distance = std::sqrt(nearest);
    return in_front;
  }
  if (picked) picked->distance = std::sqrt(best);
  return picked;
}

}  // namespace zscape
