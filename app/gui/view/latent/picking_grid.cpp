#include "app/gui/view/latent/picking_grid.h"

#include <cmath>

namespace zscape {
namespace {

constexpr double kPointsACell = 4;
constexpr double kMostCells = 1 << 20;

bool is_place(Vec2 point) {
  return std::isfinite(point.x) && std::isfinite(point.y);
}

float squared(float value) {
  return value * value;
}

}  // namespace

void PickingGrid::begin(std::span<const Vec2> positions, const Box& extent) {
  const double width = static_cast<double>(extent.high.x) - extent.low.x;
  const double height = static_cast<double>(extent.high.y) - extent.low.y;
  const double cells =
      std::clamp(static_cast<double>(positions.size()) / kPointsACell, 1.0, kMostCells);
  const bool flat = !(height > 0), thin = !(width > 0);
  double columns = thin ? 1 : flat ? cells : std::sqrt(cells * width / height);
  columns = std::clamp(columns, 1.0, cells);
  const double rows = flat ? 1 : std::max(std::floor(cells / columns), 1.0);
  const auto lay = [](Axis& axis, float low, double length, double count) {
    axis = {};
    axis.low = low;
    axis.cells = static_cast<int>(count);
    axis.per_unit = length > 0 ? static_cast<float>(axis.cells / length) : 0;
    if (!std::isfinite(axis.per_unit)) axis.per_unit = 0;
    axis.from.resize(static_cast<std::size_t>(axis.cells));
    axis.up_to.resize(static_cast<std::size_t>(axis.cells));
  };
  lay(x_, extent.low.x, width, std::floor(columns));
  lay(y_, extent.low.y, height, rows);
  begins_.assign(static_cast<std::size_t>(x_.cells) * static_cast<std::size_t>(y_.cells) + 1, 0);
  items_.clear();
  counted_ = sorted_ = 0;
  laid_out_ = ready_ = false;
}

bool PickingGrid::advance(std::span<const Vec2> positions, std::size_t most) {
  if (ready_) return true;
  for (; counted_ < positions.size() && most > 0; ++counted_, --most) {
    const Vec2 position = positions[counted_];
    if (is_place(position)) ++begins_[cell_of(position)];
  }
  if (counted_ < positions.size()) return false;
  if (!laid_out_) lay_out();
  for (; sorted_ < positions.size() && most > 0; ++sorted_, --most) {
    const Vec2 position = positions[sorted_];
    if (!is_place(position)) continue;
    items_[begins_[cell_of(position)]++] = {position, static_cast<std::uint32_t>(sorted_)};
    for (const auto& [axis, value] : {std::pair(&x_, position.x), std::pair(&y_, position.y)}) {
      Span& span = axis->from[static_cast<std::size_t>(axis->cell(value))];
      span = {std::min(span.low, value), std::max(span.high, value)};
    }
  }
  if (sorted_ < positions.size()) return false;
  // Each cell's place in begins_ has moved on to the beginning of the next one.
  for (std::size_t cell = begins_.size() - 1; cell > 0; --cell) begins_[cell] = begins_[cell - 1];
  begins_[0] = 0;
  for (Axis* axis : {&x_, &y_}) {
    axis->up_to = axis->from;
    const auto join = [](Span& span, const Span& other) {
      span = {std::min(span.low, other.low), std::max(span.high, other.high)};
    };
    for (std::size_t i = 1; i < axis->up_to.size(); ++i) join(axis->up_to[i], axis->up_to[i - 1]);
    for (std::size_t i = axis->from.size() - 1; i > 0; --i) join(axis->from[i - 1], axis->from[i]);
  }
  ready_ = true;
  return true;
}

// From the counts to where each cell begins.
void PickingGrid::lay_out() {
  std::uint32_t sum = 0;
  for (std::uint32_t& begin : begins_) {
    const std::uint32_t count = begin;
    begin = sum;
    sum += count;
  }
  items_.resize(sum);
  laid_out_ = true;
}

// The squared distance to the nearest point that can lie outside a block of cells, from how far the
// points of those rows and columns reach.
float PickingGrid::beyond(Vec2 place, int left, int right, int bottom, int top) const {
  float nearest = std::numeric_limits<float>::infinity();
  const Span all_x = x_.from.front(), all_y = y_.from.front();
  const auto consider = [&](Span x, Span y) {
    if (x.low > x.high || y.low > y.high) return;
    nearest = std::min(nearest, squared(off(place.x, x)) + squared(off(place.y, y)));
  };
  const auto at = [](const std::vector<Span>& spans, int cell) {
    return spans[static_cast<std::size_t>(cell)];
  };
  if (left > 0) consider(at(x_.up_to, left - 1), all_y);
  if (right < x_.cells - 1) consider(at(x_.from, right + 1), all_y);
  if (bottom > 0) consider(all_x, at(y_.up_to, bottom - 1));
  if (top < y_.cells - 1) consider(all_x, at(y_.from, top + 1));
  return nearest;
}

}  // namespace zscape
