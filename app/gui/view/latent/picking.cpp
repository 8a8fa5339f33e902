#include "app/gui/view/latent/picking.h"

#include <algorithm>
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

}  // namespace zscape
