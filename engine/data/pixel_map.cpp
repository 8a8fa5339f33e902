#include "engine/data/pixel_map.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kRounding = 1e-6;  // of a range: what sums of floats may go beyond its ends
constexpr double kByte = 255, kWord = 65535;
constexpr double kDark = 0.02;  // of the range

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

// Brings numbers to [0, 1], and counts those that lay beyond the range.
class Map {
 public:
  explicit Map(const PixelRange& range) : range_(range) {
    for (std::size_t value = 0; value < units_.size(); ++value) {
      units_[value] = mapped(static_cast<double>(value));
      lies_beyond_[value] = std::exchange(beyond_, 0) > 0;
    }
  }

  double mapped(double value) {
    const double unit = (value - range_.low) / (range_.high - range_.low);
    if (!(unit >= -kRounding && unit <= 1 + kRounding)) ++beyond_;
    return std::clamp(unit, 0.0, 1.0);
  }
  double mapped(std::uint8_t byte) {
    if (lies_beyond_[byte]) ++beyond_;
    return units_[byte];
  }
  // Bytes stay bytes where none of them is rounded.
  bool keeps_bytes() const {
    return std::fmod(kByte, range_.high - range_.low) == 0 && range_.low == std::floor(range_.low);
  }
  std::uint8_t mapped_byte(std::uint8_t byte) {
    return static_cast<std::uint8_t>(std::lround(kByte * mapped(byte)));
  }
  std::int64_t beyond() const { return beyond_; }

 private:
  PixelRange range_;
  std::array<double, 256> units_{};
  std::array<bool, 256> lies_beyond_{};
  std::int64_t beyond_ = 0;
};

void map_split(Split& split, Map& map, std::size_t inputs) {
  if (split.pixels.empty()) {
    std::vector<float>& values = split.values.own();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double value = offset_at(split, i, inputs) + double{values[i]};
      values[i] = static_cast<float>(map.mapped(value));
    }
    return;
  }
  if (map.keeps_bytes()) {
    for (std::uint8_t& pixel : split.pixels.own()) pixel = map.mapped_byte(pixel);
    return;
  }
  std::vector<float>& values = split.values.own();
  values.reserve(split.pixels.size());
  for (const std::uint8_t pixel : split.pixels) {
    values.push_back(static_cast<float>(map.mapped(pixel)));
  }
  split.pixels = {};
}

Expected<void> rewrite_by(Dataset& data, Map& map, const Progress& progress) {
  if (data.train.pixels.empty()) {
    const std::vector<double>* offset = data.train.offset.get();
    const ChangeRow<float, float> change = [&](std::span<const float> row, std::span<float> to) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        const double value = (offset != nullptr ? (*offset)[i] : 0) + double{row[i]};
        to[i] = static_cast<float>(map.mapped(value));
      }
    };
    return rewrite(data, change, progress);
  }
  if (map.keeps_bytes()) {
    const ChangeRow<std::uint8_t, std::uint8_t> change = [&](std::span<const std::uint8_t> row,
                                                             std::span<std::uint8_t> to) {
      for (std::size_t i = 0; i < row.size(); ++i) to[i] = map.mapped_byte(row[i]);
    };
    return rewrite(data, change, progress);
  }
  const ChangeRow<std::uint8_t, float> change = [&](std::span<const std::uint8_t> row,
                                                    std::span<float> to) {
    for (std::size_t i = 0; i < row.size(); ++i) to[i] = static_cast<float>(map.mapped(row[i]));
  };
  return rewrite(data, change, progress);
}

bool is_usual(const Dataset& data, const Ends& ends) {
  return !data.train.pixels.empty() || (ends.low >= -kRounding && ends.high <= 1 + kRounding);
}

std::string range_words(const PixelRange& range) {
  return tr("{:g} … {:g}", range.low, range.high);
}

}  // namespace

std::optional<PixelRange> range_from(double low, double high, PixelType type) {
  const bool are_bytes = type == PixelType::bytes;
  if (are_bytes && high <= 1) return high > 0 ? std::optional(PixelRange{0, 1}) : std::nullopt;
  if (are_bytes && (high > kByte / 2 || low == high)) return std::nullopt;
  if (!are_bytes && low >= -kRounding && high <= 1 + kRounding) return std::nullopt;
  for (const PixelRange& usual : {PixelRange{-1, 1}, PixelRange{0, kByte}, PixelRange{0, kWord}}) {
    const double rounding = kRounding * usual.high;
    const bool fits = low >= usual.low - rounding && high <= usual.high + rounding;
    if (fits && std::max(std::abs(low), std::abs(high)) > usual.high / 2) return usual;
  }
  if (type == PixelType::whole && low >= 0 && high > kByte && high <= kWord) {
    return PixelRange{0, static_cast<double>(std::bit_ceil(static_cast<unsigned>(high) + 1) - 1)};
  }
  return low < high ? PixelRange{low, high} : PixelRange{low, low + 1};
}

namespace {

// Where whole numbers use more bits than a byte has and fewer than 16, which the range rounds up
// to.
void tell_bits(const Ends& ends, Dataset& data) {
  const PixelRange& range = *data.range;
  const bool is_rounded =
      range.low == 0 && range.high > kByte && range.high < kWord && range.high != ends.high;
  if (!is_rounded) return;
  data.assumed.push_back(
      tr("the numbers use {} bits: 0 and {:g} are black and white; --range LOW,HIGH says otherwise",
         std::bit_width(static_cast<unsigned>(range.high)), range.high));
}

// Finds the map and lets `change` apply it, which says whether numbers changed. ends: of the
// training part.
Expected<bool> map_by(Dataset& data, const DataRequest& request, const Ends& ends,
                      const std::function<Expected<bool>(Map&)>& change) {
  const bool are_bytes = !data.train.pixels.empty();
  if (request.range) {
    data.range = request.range;
  } else if (request.usual_range) {
    // Bytes of 0 and 1 alone, as truths and Larochelle's text are kept, are no 0 … 255.
    if (are_bytes && ends.high == 1) data.range = PixelRange{0, 1};
  } else {
    const PixelType type = are_bytes    ? PixelType::bytes
                           : ends.whole ? PixelType::whole
                                        : PixelType::fractions;
    data.range = range_from(ends.low, ends.high, type);
    if (data.range && type == PixelType::whole) tell_bits(ends, data);
  }
  if (!data.range && !is_usual(data, ends)) return false;  // of an older model: read standardised
  if (!data.range && are_bytes) return false;
  const PixelRange range = data.range.value_or(PixelRange{});
  const bool changes_nothing = are_bytes && range == PixelRange{0, kByte};
  if (changes_nothing) return false;
  Map map(range);
  auto changed = change(map);
  if (!changed || !*changed) return changed;
  data.train.offset = data.test.offset = nullptr;
  const std::int64_t beyond = map.beyond();
  if (beyond > 0) {
    data.assumed.push_back(
        tr("{} numbers lie beyond {} and were taken for its ends", beyond, range_words(range)));
  }
  if (request.range && ends.high - ends.low < kDark * (range.high - range.low)) {
    data.assumed.push_back(tr("{} are black and white, and the numbers only go from {:g} to {:g}",
                              range_words(range), ends.low, ends.high));
  }
  return true;
}

bool takes_map(const Dataset& data, const DataRequest& request) {
  return request.range || data.has_images() || !data.train.pixels.empty();
}

}  // namespace

void map_pixels(Dataset& data, const DataRequest& request) {
  if (!takes_map(data, request)) return;
  const auto inputs = static_cast<std::size_t>(data.inputs());
  static_cast<void>(map_by(data, request, ends_of(data.train, inputs), [&](Map& map) {
    for (Split* split : {&data.train, &data.test}) map_split(*split, map, inputs);
    return Expected<bool>(true);
  }));
}

Expected<bool> map_pixels(Dataset& data, const DataRequest& request, const MappedNumbers& numbers,
                          const Progress& progress) {
  if (!takes_map(data, request)) return false;
  return map_by(data, request, numbers.train, [&](Map& map) -> Expected<bool> {
    const bool are_floats = data.train.pixels.empty();
    if (are_floats && !data.range && numbers.lie_in_unit_interval()) return false;
    if (auto done = rewrite_by(data, map, progress); !done) return tl::unexpected(done.error());
    return true;
  });
}

bool are_all_dark(const Dataset& data) {
  const auto is_dark = [](const Split& split) {
    return std::ranges::all_of(split.pixels,
                               [](std::uint8_t pixel) { return pixel < kDark * kByte; }) &&
           std::ranges::all_of(split.values, [](float value) { return value < kDark; });
  };
  return !data.scaling && is_dark(data.train) && is_dark(data.test);
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
