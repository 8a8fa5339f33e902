#include "app/gui/panels/curves/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "app/gui/view/frame/format.h"

namespace zscape {
namespace {

// 12,000 becomes "12k" and 1,500,000 "1.5M", with the decimals that the tick distance needs.
std::string tick_label(double value, double distance) {
  if (value == 0) return "0";
  double unit = 1;
  const char* suffix = "";
  if (distance >= 1e6 || std::abs(value) >= 1e7) {
    unit = 1e6;
    suffix = "M";
  } else if (distance >= 1e3 || std::abs(value) >= 1e5) {
    unit = 1e3;
    suffix = "k";
  }
  const double scaled = distance / unit;
  if (scaled < 1e-4) return format_value(value, 2);
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(scaled) + 1e-9)));
  std::string text = fmt::format("{:.{}f}", value / unit, decimals);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text + suffix;
}

// The value below which a part of the values lies. Reorders them.
float quantile(std::vector<float>& values, double part) {
  const auto index =
      static_cast<std::ptrdiff_t>(std::llround(part * static_cast<double>(values.size() - 1)));
  std::nth_element(values.begin(), values.begin() + index, values.end());
  return values[static_cast<std::size_t>(index)];
}

}  // namespace

float value_of(const CurvePoint& point, CurveField field) {
  switch (field) {
    case CurveField::loss:
      return point.loss;
    case CurveField::reconstruction:
      return point.reconstruction;
    case CurveField::kl:
      return point.kl;
  }
  return 0;
}

std::vector<Column> decimate(const Curve& curve, CurveField field, Range steps, int width) {
  std::vector<Column> columns;
  if (width < 1 || !(steps.span() > 0)) return columns;
  columns.reserve(std::min(curve.size(), static_cast<std::size_t>(width)));
  const double columns_per_step = (width - 1) / steps.span();
  for (std::size_t index = 0; index < curve.size(); ++index) {
    const CurvePoint& point = curve[index];
    const auto step = static_cast<double>(point.step);
    if (step < steps.low) continue;
    if (step > steps.high) break;
    const float value = value_of(point, field);
    if (!std::isfinite(value)) continue;
    const int x = static_cast<int>((step - steps.low) * columns_per_step + 0.5);
    if (columns.empty() || columns.back().x != x) {
      columns.push_back({x, value, value, value, value});
      continue;
    }
    Column& column = columns.back();
    column.last = value;
    column.lowest = std::min(column.lowest, value);
    column.highest = std::max(column.highest, value);
  }
  return columns;
}

bool SeriesCache::Key::same_as(const Key& other) const {
  const auto bits = [](float value) { return std::bit_cast<std::uint32_t>(value); };
  return size == other.size && steps == other.steps && width == other.width &&
         field == other.field && last.step == other.last.step &&
         bits(last.loss) == bits(other.last.loss) &&
         bits(last.reconstruction) == bits(other.last.reconstruction) &&
         bits(last.kl) == bits(other.last.kl);
}

const std::vector<Column>& SeriesCache::columns(const Curve& curve, CurveField field, Range steps,
                                                int width) {
  const Key key{curve.size(), curve.empty() ? CurvePoint{} : curve.back(), steps, width, field};
  if (!key_.same_as(key)) {
    key_ = key;
    columns_ = decimate(curve, field, steps, width);
  }
  return columns_;
}

Range value_range(const std::vector<Column>& columns, double outliers) {
  if (columns.empty()) return {0, 1};
  std::vector<float> low, high;
  low.reserve(columns.size());
  high.reserve(columns.size());
  for (const Column& column : columns) {
    low.push_back(column.lowest);
    high.push_back(column.highest);
  }
  const Range whole{*std::ranges::min_element(low), *std::ranges::max_element(high)};
  Range range{quantile(low, outliers), quantile(high, 1 - outliers)};
  // Outliers are cut off only where that gains much.
  if (whole.span() <= 1.6 * range.span() || !(range.span() > 0)) range = whole;
  const double room =
      range.span() > 0 ? 0.06 * range.span() : std::max(1e-6, 0.05 * std::abs(range.high));
  return {range.low - room, range.high + room};
}

std::vector<Tick> ticks(Range range, int at_most) {
  std::vector<Tick> result;
  if (!(range.span() > 0) || at_most < 1) return result;
  const double rough = range.span() / at_most;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double distance = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * (1 - 1e-9)) {
      distance = factor * power;
      break;
    }
  }
  const double first = std::ceil(range.low / distance - 1e-9);
  for (double index = first; index * distance <= range.high + 1e-9 * distance; ++index) {
    const double value = index == 0 ? 0 : index * distance;
    result.push_back({value, tick_label(value, distance)});
  }
  if (static_cast<int>(result.size()) > at_most) result.resize(static_cast<std::size_t>(at_most));
  return result;
}

std::vector<Tick> log_ticks(Range range, int at_most) {
  std::vector<Tick> result;
  if (!(range.low > 0) || !(range.span() > 0) || at_most < 1) return result;
  const double first = std::floor(std::log10(range.low));
  const double last = std::ceil(std::log10(range.high));
  const auto fill = [&](std::initializer_list<double> factors) {
    result.clear();
    for (double exponent = first; exponent <= last; ++exponent) {
      const double power = std::pow(10.0, exponent);
      for (const double factor : factors) {
        const double value = factor * power;
        if (value < range.low * (1 - 1e-9) || value > range.high * (1 + 1e-9)) continue;
        result.push_back({value, tick_label(value, power)});
      }
    }
    return static_cast<int>(result.size());
  };
  if (fill({1, 2, 5}) > at_most) fill({1});
  if (static_cast<int>(result.size()) > at_most) {  // many decades: every second, third, …
    const auto stride =
        (result.size() + static_cast<std::size_t>(at_most) - 1) / static_cast<std::size_t>(at_most);
    std::vector<Tick> thinned;
    for (std::size_t index = 0; index < result.size(); index += stride) {
      thinned.push_back(result[index]);
    }
    return thinned;
  }
  // Less than a decade has too few of these: plain round numbers serve as well.
  if (result.size() < 3) return ticks(range, at_most);
  return result;
}

std::size_t nearest_index(const Curve& curve, double step) {
  std::size_t low = 0, high = curve.size() - 1;
  while (low < high) {  // the first point at or behind step
    const std::size_t middle = low + (high - low) / 2;
    if (static_cast<double>(curve[middle].step) < step) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return low;
  const double behind = std::abs(static_cast<double>(curve[low].step) - step);
  const double before = std::abs(static_cast<double>(curve[low - 1].step) - step);
  return before <= behind ? low - 1 : low;
}

std::optional<std::size_t> index_at(const Curve& curve, double step) {
  if (curve.empty() || static_cast<double>(curve[0].step) > step) return std::nullopt;
  const std::size_t nearest = nearest_index(curve, step);
  return static_cast<double>(curve[nearest].step) <= step ? nearest : nearest - 1;
}

}  // namespace zscape
