#include "app/gui/view/latent/space_picking.h"

#include <array>
#include <cmath>
#include <limits>

namespace zscape {
namespace {

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
