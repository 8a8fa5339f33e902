#include "app/gui/view/inputs/card_place.h"

#include <algorithm>
#include <cmath>

namespace zscape {

std::optional<Vec2> card_place(const LatentView& view, Vec2 place, Vec2 size, float off) {
  const Vec2 low = view.origin;
  const Vec2 last{low.x + view.size.x - size.x, low.y + view.size.y - size.y};  // of its corner
  if (last.x < low.x || last.y < low.y) return {};
  const auto held = [](float value, float least, float most) {
    return std::floor(std::clamp(value, least, most));
  };
  const float x = held(place.x - size.x / 2, low.x, last.x);
  const float y = held(place.y + off, low.y, last.y);
  const float right = std::ceil(place.x + off), left = std::floor(place.x - off - size.x);
  const float below = std::ceil(place.y + off), above = std::floor(place.y - off - size.y);
  if (right <= last.x) return Vec2{right, y};
  if (left >= low.x) return Vec2{left, y};
  if (below <= last.y) return Vec2{x, below};
  if (above >= low.y) return Vec2{x, above};
  return {};
}

}  // namespace zscape
