#include "engine/data/array_inputs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "engine/data_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kChunkValues = std::size_t{1} << 18U;

// Which places of a row float32 would spoil.
class ColumnRanges {
 public:
  explicit ColumnRanges(std::size_t columns)
      : low_(columns, std::numeric_limits<double>::infinity()),
        high_(columns, -std::numeric_limits<double>::infinity()) {}

  void add(std::size_t column, double value) {
    low_[column] = std::min(low_[column], value);
    high_[column] = std::max(high_[column], value);
  }

  // The least value of each such place, else 0; empty: there is none, or all lies in [0, 1], where
  // nothing is standardised.
  std::vector<double> offset() const {
    constexpr double kSpoilt = 64;  // times as large as its range: 6 of 24 bits are lost
    if (std::ranges::min(low_) >= 0 && std::ranges::max(high_) <= 1) return {};
    std::vector<double> offset(low_.size());
    bool any = false;
    for (std::size_t i = 0; i < low_.size(); ++i) {
      const double range = high_[i] - low_[i];
      const double size = std::max(std::abs(low_[i]), std::abs(high_[i]));
      if (!(range > 0) || !(size > kSpoilt * range)) continue;
      offset[i] = low_[i];
      any = true;
    }
    return any ? offset : std::vector<double>();
  }

 private:
  std::vector<double> low_, high_;
};

// For each place in a row as zscape keeps it, its place in the file.
std::vector<std::size_t> places_in_file(const Layout& layout) {
  const auto pixels = static_cast<std::size_t>(layout.shape.height) * layout.shape.width;
  const auto kept = static_cast<std::size_t>(layout.shape.channels);
  const auto held = static_cast<std::size_t>(layout.channels);
  std::vector<std::size_t> places;
  places.reserve(pixels * kept);
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t channel = 0; channel < kept; ++channel) {
      places.push_back(layout.channels_first ? channel * pixels + pixel : pixel * held + channel);
    }
  }
  return places;
}

// Calls put(place in the input, value) for each number of an array, in the order of zscape, and
// end_piece(first input) whenever some inputs are complete.
template <class Put, class EndPiece>
Expected<void> for_each_value(const NamedArray& array, const Layout& layout, const Put& put,
                              const EndPiece& end_piece, const Progress& progress) {
  const std::int64_t rows = array.shape.front();
  const auto together = static_cast<std::size_t>(std::max<std::int64_t>(layout.steps, 1));
  const auto size = static_cast<std::size_t>(layout.shape.size());
  const std::size_t held = size / static_cast<std::size_t>(layout.shape.channels) *
                           static_cast<std::size_t>(layout.channels);
  const bool reorders =
      layout.channels != layout.shape.channels || (layout.channels_first && layout.channels > 1);
  const std::vector<std::size_t> places =
      reorders ? places_in_file(layout) : std::vector<std::size_t>();
  const auto step =
      array.reads_slices
          ? std::max<std::int64_t>(1, static_cast<std::int64_t>(kChunkValues / (held * together)))
          : rows;
  for (std::int64_t first = 0; first < rows; first += step) {
    const std::int64_t count = std::min(step, rows - first);
    const auto values = array.read(first, count);
    if (!values) return tl::unexpected(values.error());
    const std::size_t inputs = static_cast<std::size_t>(count) * together;
    const bool whole = std::visit(
        [&](const auto& numbers) {
          using Value = typename std::decay_t<decltype(numbers)>::value_type;
          if (numbers.size() != inputs * held) return false;
          if constexpr (std::is_same_v<Value, std::string>) {
            return false;
          } else {
            for (std::size_t input = 0; input < inputs; ++input) {
              for (std::size_t i = 0; i < size; ++i) {
                put(i, numbers[input * held + (reorders ? places[i] : i)]);
              }
            }
            return true;
          }
        },
        *values);
    if (!whole) return fail(tr("'{}' cannot be read to its end", array.where));
    if (auto taken = end_piece(first * static_cast<std::int64_t>(together)); !taken) return taken;
    if (!report(progress, static_cast<double>(first + count) / static_cast<double>(rows))) {
      return fail(tr("reading '{}' was cancelled", array.where), ErrorCode::cancelled);
    }
  }
  return {};
}

// Where the numbers of an array go: all into memory.
template <class Number>
class InMemory {
 public:
  explicit InMemory(std::size_t likely) { numbers_.reserve(likely); }
  void begin() { numbers_.clear(); }
  void put(Number number) { numbers_.push_back(number); }
  Expected<void> end_piece(std::int64_t) { return {}; }
  std::vector<Number> all() && { return std::move(numbers_); }

 private:
  std::vector<Number> numbers_;
};

// Or piece by piece to whoever takes them.
template <class Number>
class InPieces {
 public:
  explicit InPieces(const TakePiece& take) : take_(take) {}
  void begin() { piece_.clear(); }
  void put(Number number) { piece_.push_back(number); }
  Expected<void> end_piece(std::int64_t first) {
    auto taken = take_(first, std::as_bytes(std::span(piece_)));
    piece_.clear();
    return taken;
  }

 private:
  const TakePiece& take_;
  std::vector<Number> piece_;
};

template <class Sink>
Expected<void> read_bytes(const NamedArray& array, const Layout& layout, Sink& sink,
                          const Progress& progress) {
  return for_each_value(
      array, layout, [&](std::size_t, auto value) { sink.put(static_cast<std::uint8_t>(value)); },
      [&](std::int64_t first) { return sink.end_piece(first); }, progress);
}

template <class Sink>
Expected<void> read_floats(const NamedArray& array, const Layout& layout, Offset& offset,
                           Sink& sink, const Progress& progress) {
  const auto end_piece = [&](std::int64_t first) { return sink.end_piece(first); };
  const bool is_exact = array.type == ElementType::float16 || array.type == ElementType::float32 ||
                        size_of(array.type) <= 2;
  if (!std::exchange(offset.is_chosen, true) && !is_exact) {
    ColumnRanges ranges(static_cast<std::size_t>(layout.shape.size()));
    const auto done = for_each_value(
        array, layout,
        [&](std::size_t place, auto value) {
          ranges.add(place, static_cast<double>(value));
          sink.put(static_cast<float>(value));
        },
        end_piece, progress);
    if (!done) return done;
    offset.values = ranges.offset();
    if (offset.values.empty()) return {};
    sink.begin();
  }
  return for_each_value(
      array, layout,
      [&](std::size_t place, auto value) {
        sink.put(offset.values.empty()
                     ? static_cast<float>(value)
                     : static_cast<float>(static_cast<double>(value) - offset.values[place]));
      },
      end_piece, progress);
}

std::size_t number_count(const NamedArray& array, const Layout& layout) {
  return static_cast<std::size_t>(count_of(array, layout)) *
         static_cast<std::size_t>(layout.shape.size());
}

}  // namespace

bool is_bytes(ElementType type) {
  return type == ElementType::boolean || type == ElementType::uint8;
}

std::int64_t count_of(const NamedArray& array, const Layout& layout) {
  return array.shape.front() * std::max<std::int64_t>(layout.steps, 1);
}

Expected<RawInputs> read_inputs(const NamedArray& array, const Layout& layout, Offset& offset,
                                const Progress& progress) {
  const std::size_t total = number_count(array, layout);
  const std::size_t likely = std::min(total, array.likely_values.value_or(total));
  const std::size_t value_size = is_bytes(array.type) ? 1 : sizeof(float);
  if (auto fits = check_fits_memory(array.where, total * value_size); !fits) {
    return tl::unexpected(fits.error());
  }
  if (is_bytes(array.type)) {
    InMemory<std::uint8_t> bytes(likely);
    if (auto done = read_bytes(array, layout, bytes, progress); !done) {
      return tl::unexpected(done.error());
    }
    return std::move(bytes).all();
  }
  InMemory<float> floats(likely);
  if (auto done = read_floats(array, layout, offset, floats, progress); !done) {
    return tl::unexpected(done.error());
  }
  return std::move(floats).all();
}

Expected<void> stream_inputs(const NamedArray& array, const Layout& layout, Offset& offset,
                             const TakePiece& take, const Progress& progress) {
  if (!array.reads_slices) {
    const std::size_t value_size = std::max<std::size_t>(1, size_of(array.type));
    if (auto fits = check_fits_memory(array.where, number_count(array, layout) * value_size);
        !fits) {
      return fits;
    }
  }
  if (is_bytes(array.type)) {
    InPieces<std::uint8_t> bytes(take);
    return read_bytes(array, layout, bytes, progress);
  }
  InPieces<float> floats(take);
  return read_floats(array, layout, offset, floats, progress);
}

}  // namespace zscape
