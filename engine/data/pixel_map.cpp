#include "engine/data/pixel_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kRounding = 1e-6;  // of a range: what sums of floats may go beyond its ends
constexpr double kByte = 255;

struct Ends {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

double offset_at(const Split& split, std::size_t place, std::size_t inputs) {
  return split.offset ? (*split.offset)[place % inputs] : 0;
}

Ends ends_of(const Split& split, std::size_t inputs) {
  Ends ends;
  if (!split.pixels.empty()) {
    const auto [low, high] = std::ranges::minmax(split.pixels);
    ends.add(low);
    ends.add(high);
  }
  for (std::size_t i = 0; i < split.values.size(); ++i) {
    ends.add(offset_at(split, i, inputs) + double{split.values[i]});
  }
  return ends;
}

// Maps a split; how many of its numbers lay beyond the range.
std::int64_t map_split(Split& split, const PixelRange& range, std::size_t inputs) {
  const double span = range.high - range.low;
  std::int64_t beyond = 0;
  const auto mapped = [&](double value) {
    const double unit = (value - range.low) / span;
    if (!(unit >= -kRounding && unit <= 1 + kRounding)) ++beyond;
    return std::clamp(unit, 0.0, 1.0);
  };
  if (split.pixels.empty()) {
    for (std::size_t i = 0; i < split.values.size(); ++i) {
      const double value = offset_at(split, i, inputs) + double{split.values[i]};
      split.values.own()[i] = static_cast<float>(mapped(value));
    }
    split.offset = nullptr;
    return beyond;
  }
  std::array<double, 256> units{};
  std::array<std::int64_t, 256> counts{};
  for (const std::uint8_t pixel : split.pixels) ++counts[pixel];
  for (std::size_t value = 0; value < units.size(); ++value) {
    const std::int64_t before = std::exchange(beyond, 0);
    units[value] = mapped(static_cast<double>(value));
    beyond = before + (beyond > 0 ? counts[value] : 0);
  }
  // Bytes stay bytes where none of them is rounded.
  if (std::fmod(kByte, span) == 0 && range.low == std::floor(range.low)) {
    for (std::uint8_t& pixel : split.pixels.own()) {
      pixel = static_cast<std::uint8_t>(std::lround(kByte * units[pixel]));
    }
    return beyond;
  }
  split.values.own().reserve(split.pixels.size());
  for (const std::uint8_t pixel : split.pixels) {
    split.values.own().push_back(static_cast<float>(units[pixel]));
  }
  split.pixels = {};
  return beyond;
}

bool is_usual(const Dataset& data, const Ends& ends) {
  return !data.train.pixels.empty() || (ends.low >= -kRounding && ends.high <= 1 + kRounding);
}

std::string range_words(const PixelRange& range) {
  return tr("{:g} … {:g}", range.low, range.high);
}

}  // namespace

std::optional<PixelRange> range_from(double low, double high, bool are_bytes) {
  if (are_bytes && high <= 1) return high > 0 ? std::optional(PixelRange{0, 1}) : std::nullopt;
  if (are_bytes && (high > kByte / 2 || low == high)) return std::nullopt;
  if (!are_bytes && low >= -kRounding && high <= 1 + kRounding) return std::nullopt;
  for (const PixelRange& usual : {PixelRange{-1, 1}, PixelRange{0, kByte}, PixelRange{0, 65535}}) {
    const double rounding = kRounding * usual.high;
    const bool fits = low >= usual.low - rounding && high <= usual.high + rounding;
    if (fits && std::max(std::abs(low), std::abs(high)) > usual.high / 2) return usual;
  }
  return low < high ? PixelRange{low, high} : PixelRange{low, low + 1};
}

void map_pixels(Dataset& data, const DataRequest& request) {
  const bool are_bytes = !data.train.pixels.empty();
  if (!request.range && !data.has_images() && !are_bytes) return;
  const auto inputs = static_cast<std::size_t>(data.inputs());
  const Ends ends = ends_of(data.train, inputs);
  if (request.range) {
    data.range = request.range;
  } else if (!request.usual_range) {
    data.range = range_from(ends.low, ends.high, are_bytes);
  }
  if (!data.range && !is_usual(data, ends)) return;  // of an older model: read standardised
  if (!data.range && are_bytes) return;
  const PixelRange range = data.range.value_or(PixelRange{});
  const bool changes_nothing = are_bytes && range == PixelRange{0, kByte};
  if (changes_nothing) return;
  const std::int64_t beyond =
      map_split(data.train, range, inputs) + map_split(data.test, range, inputs);
  if (beyond > 0) {
    data.assumed.push_back(
        tr("{} numbers lie beyond {} and were taken for its ends", beyond, range_words(range)));
  }
  constexpr double kDark = 0.02;  // of the range
  if (request.range && ends.high - ends.low < kDark * (range.high - range.low)) {
    data.assumed.push_back(tr("{} are black and white, and the numbers only go from {:g} to {:g}",
                              range_words(range), ends.low, ends.high));
  }
}

std::optional<PixelRange> shown_range(const Dataset& data) {
  if (data.scaling) return std::nullopt;
  if (data.range) return data.range;
  return data.train.pixels.empty() ? PixelRange{} : PixelRange{0, kByte};
}

std::string map_text(const Dataset& data) {
  if (data.scaling) return tr("each input less its mean, divided by its deviation");
  const PixelRange range = shown_range(data).value_or(PixelRange{});
  if (range == PixelRange{}) return tr("0 … 1 as it is");
  return tr("{:g} … {:g} becomes 0 … 1", range.low, range.high);
}

}  // namespace zscape
