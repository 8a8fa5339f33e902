#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "app/gui/view/latent/points.h"

namespace zscape {

// Points in the plane, sorted into the cells of a uniform grid. Omits points that are not finite.
// Of two equally near points, the lower index wins.
class PickingGrid {
 public:
  // Begins again. extent: where most points are; others belong to the cells at the border.
  void begin(std::span<const Vec2> positions, const Box& extent);

  // Sorts this many more points (each is handled twice), to spread the work over frames. True:
  // done. positions: as in begin().
  bool advance(std::span<const Vec2> positions, std::size_t most);
  bool ready() const { return ready_; }

  struct Found {
    std::uint32_t index = 0;
    float square = 0;  // of the distance
  };
  // The nearest of those that are accepted, within this reach (its square).
  template <class Accepts>
  std::optional<Found> nearest(Vec2 place, float reach_square, Accepts accepts) const;

  // All points of the cells that a box touches: visit(index, position).
  template <class Visit>
  void visit(const Box& box, Visit visit) const;

 private:
  struct Item {
    Vec2 position;
    std::uint32_t index;
  };
  // How far the points of some cells reach along one axis; low above high: there are none.
  struct Span {
    float low = std::numeric_limits<float>::infinity();
    float high = -std::numeric_limits<float>::infinity();
  };
  struct Axis {
    float low = 0;
    float per_unit = 0;  // cells
    int cells = 1;
    std::vector<Span> from;   // [cells]: of the points in this cell and those above …
    std::vector<Span> up_to;  // … or below it
    int cell(float value) const {
      const float at = (value - low) * per_unit;
      return at > 0 ? static_cast<int>(std::min(at, static_cast<float>(cells - 1))) : 0;
    }
  };
  static float off(float value, Span span) {  // from the span
    return std::max({span.low - value, value - span.high, 0.0f});
  }
  float beyond(Vec2 place, int left, int right, int bottom, int top) const;
  std::size_t cell_of(Vec2 position) const {
    return static_cast<std::size_t>(y_.cell(position.y)) * static_cast<std::size_t>(x_.cells) +
           static_cast<std::size_t>(x_.cell(position.x));
  }
  void lay_out();

  Axis x_, y_;
  std::vector<std::uint32_t> begins_;  // [cells + 1]; while sorting: where the next one goes
  std::vector<Item> items_;
  std::size_t counted_ = 0;
  std::size_t sorted_ = 0;
  bool laid_out_ = false;
  bool ready_ = false;
};

template <class Accepts>
std::optional<PickingGrid::Found> PickingGrid::nearest(Vec2 place, float reach_square,
                                                       Accepts accepts) const {
  std::optional<Found> found;
  float best = reach_square;
  const auto look_at = [&](int row, int first, int last) {
    const auto begin = static_cast<std::size_t>(row) * static_cast<std::size_t>(x_.cells);
    const std::uint32_t end = begins_[begin + static_cast<std::size_t>(last) + 1];
    for (std::uint32_t i = begins_[begin + static_cast<std::size_t>(first)]; i < end; ++i) {
      const float x = items_[i].position.x - place.x;
      const float y = items_[i].position.y - place.y;
      const float square = x * x + y * y;
      if (!(square <= best) || square == std::numeric_limits<float>::infinity()) continue;
      if (square == best && found && items_[i].index > found->index) continue;
      if (!accepts(items_[i].index)) continue;
      best = square;
      found = Found{items_[i].index, square};
    }
  };
  const int column = x_.cell(place.x), row = y_.cell(place.y);
  for (int ring = 0;; ++ring) {
    const int left = column - ring, right = column + ring;
    const int bottom = row - ring, top = row + ring;
    const int first = std::max(left, 0), last = std::min(right, x_.cells - 1);
    for (int at = std::max(bottom, 0); at <= std::min(top, y_.cells - 1); ++at) {
      if (at == bottom || at == top) {
        look_at(at, first, last);
        continue;
      }
      if (left >= 0) look_at(at, left, left);
      if (right < x_.cells && right != left) look_at(at, right, right);
    }
    const float rest = beyond(place, left, right, bottom, top);
    if (rest > best || rest == std::numeric_limits<float>::infinity()) return found;
  }
}

template <class Visit>
void PickingGrid::visit(const Box& box, Visit visit) const {
  if (!(box.low.x <= box.high.x && box.low.y <= box.high.y)) return;
  const auto first = static_cast<std::size_t>(x_.cell(box.low.x));
  const auto last = static_cast<std::size_t>(x_.cell(box.high.x));
  for (int row = y_.cell(box.low.y); row <= y_.cell(box.high.y); ++row) {
    const auto begin = static_cast<std::size_t>(row) * static_cast<std::size_t>(x_.cells);
    for (std::uint32_t i = begins_[begin + first]; i < begins_[begin + last + 1]; ++i) {
      visit(items_[i].index, items_[i].position);
    }
  }
}

}  // namespace zscape
