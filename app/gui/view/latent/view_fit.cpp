#include "app/gui/view/latent/view_fit.h"

#include <algorithm>
#include <cmath>

#include "app/gui/view/latent/reach.h"

namespace zscape {
namespace {

constexpr float kMargin = 0.9f;         // of the plot that the box fills at most
constexpr float kSmallestSide = 1e-4f;  // latent units; codes may all be one point
constexpr float kCodesRoom = 0.08f;     // of the codes' box, added at each side
constexpr float kPriorReach = 3.15f;    // σ
constexpr float kFarthest = 1e-2f;      // pixels a unit
constexpr float kClosest = 1e6f;
constexpr double kApproachS = 0.25;  // after this time 1/e of the way is left

float held_scale(float pixels_per_unit) {
  return std::clamp(pixels_per_unit, kFarthest, kClosest);
}

}  // namespace

ViewTarget fit(const Box& box, Vec2 plot_size) {
  const float width = std::max(box.high.x - box.low.x, kSmallestSide);
  const float height = std::max(box.high.y - box.low.y, kSmallestSide);
  const float scale =
      std::min(std::max(plot_size.x, 1.0f) / width, std::max(plot_size.y, 1.0f) / height);
  return {held(Vec2{(box.low.x + box.high.x) / 2, (box.low.y + box.high.y) / 2}),
          held_scale(scale * kMargin)};
}

Box box_to_show(const Box& codes, bool has_prior) {
  const Vec2 room = kCodesRoom * (codes.high - codes.low);
  const Box box{codes.low - room, codes.high + room};
  if (!has_prior) return box;
  return {{std::min(box.low.x, -kPriorReach), std::min(box.low.y, -kPriorReach)},
          {std::max(box.high.x, kPriorReach), std::max(box.high.y, kPriorReach)}};
}

bool approach(LatentView& view, const ViewTarget& target, double seconds) {
  const auto part = static_cast<float>(1 - std::exp(-seconds / kApproachS));
  const Vec2 off = target.center - view.center;
  const float zoom = std::log(target.pixels_per_unit / view.pixels_per_unit);
  const float off_pixels = std::hypot(off.x, off.y) * view.pixels_per_unit +
                           std::abs(zoom) * (view.size.x + view.size.y) / 4;
  if (off_pixels < 0.5f) {
    jump(view, target);
    return false;
  }
  view.center = view.center + part * off;
  view.pixels_per_unit *= std::exp(zoom * part);
  return true;
}

void jump(LatentView& view, const ViewTarget& target) {
  view.center = held(target.center);
  view.pixels_per_unit = held_scale(target.pixels_per_unit);
}

void zoom_at(LatentView& view, Vec2 screen, float factor) {
  const Vec2 fixed = view.to_latent(screen);
  view.pixels_per_unit = held_scale(view.pixels_per_unit * factor);
  view.center = held(view.center + (fixed - view.to_latent(screen)));
}

std::optional<Vec2> card_place(const LatentView& view, Vec2 place, Vec2 size, float off) {
  const Vec2 low = view.origin;
  const Vec2 last = low + view.size - size;  // of its corner
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
