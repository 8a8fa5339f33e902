#include "app/gui/view/picking.h"

#include <cmath>
#include <limits>

namespace zscape {

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

}  // namespace zscape
