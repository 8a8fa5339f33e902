#include "engine/training/limited.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "engine/data_memory.h"
#include "engine/random.h"
#include "engine/sequences.h"

namespace zscape {
namespace {

template <class Value>
std::vector<Value> picked(std::span<const Value> values, const std::vector<std::int64_t>& rows,
                          std::size_t width) {
  std::vector<Value> some;
  if (values.empty()) return some;
  some.reserve(rows.size() * width);
  for (const std::int64_t row : rows) {
    const auto begin = values.begin() + row * static_cast<std::ptrdiff_t>(width);
    some.insert(some.end(), begin, begin + static_cast<std::ptrdiff_t>(width));
  }
  return some;
}

// A seeded draw of training inputs, whole sequences of them, in the order of the data: first one of
// each class, so that none is missing, then any.
std::vector<std::int64_t> drawn_rows(const Dataset& data, std::int64_t limit, std::uint64_t seed) {
  constexpr std::uint64_t kLimitCounter = std::uint64_t{1} << 62;  // no epoch's order
  const std::int64_t length = sequence_length(data);
  const auto order =
      permutation(sequence_count(data, SplitName::train), seed, Stream::order, kLimitCounter);
  std::vector<std::int64_t> drawn, others;
  std::vector<char> has(static_cast<std::size_t>(data.classes()));
  for (const std::int64_t sequence : order) {
    bool is_new = false;
    for (std::int64_t step = 0; step < length; ++step) {
      const int label = data.train.label(sequence * length + step);
      if (label >= 0 && std::exchange(has[static_cast<std::size_t>(label)], 1) == 0) is_new = true;
    }
    (is_new ? drawn : others).push_back(sequence);
  }
  drawn.insert(drawn.end(), others.begin(), others.end());
  drawn.resize(static_cast<std::size_t>(limit));
  std::ranges::sort(drawn);
  return steps_of(drawn, length);
}

}  // namespace

std::shared_ptr<const Dataset> limited(std::shared_ptr<const Dataset> data, std::int64_t limit,
                                       std::uint64_t seed) {
  if (limit == 0 || limit >= sequence_count(*data, SplitName::train)) return data;
  // Names all members: with a new one this does not compile until it is carried along.
  const auto& [name, source, shape, scaling, range, class_names, factor_names, input_names, steps,
               whole, test, format, type, pictures, assumed, left_out, memory] = *data;
  const auto& [count, pixels, values, places, offset, labels, factors, own, files, metadata,
               checksum] = whole;
  const auto rows = drawn_rows(*data, limit, seed);
  const auto inputs = static_cast<std::size_t>(data->inputs());
  std::vector<std::int64_t> own_rows, own_places;
  for (const std::int64_t row : rows) {
    own_rows.push_back(whole.row(row));
    own_places.push_back(places.empty() ? row : places[static_cast<std::size_t>(row)]);
  }
  std::vector<MetadataColumn> columns;
  for (const MetadataColumn& column : metadata) {
    columns.push_back({column.name, picked(std::span(column.numbers), rows, 1),
                       picked(std::span(column.places), rows, 1), column.texts});
  }
  const std::uint64_t bytes = own_places.size() * inputs * (pixels.empty() ? sizeof(float) : 1);
  const bool stays = whole.is_mapped() && bytes > data_memory({.source = {}, .memory = memory});
  using Pixels = InputBlock<std::uint8_t>;
  using Values = InputBlock<float>;
  Split train{static_cast<std::int64_t>(rows.size()),
              stays ? pixels : Pixels(picked(std::span(pixels), own_places, inputs)),
              stays ? values : Values(picked(std::span(values), own_places, inputs)),
              stays ? own_places : std::vector<std::int64_t>(),
              offset,
              picked(std::span(labels), rows, 1),
              picked(std::span(factors), rows, factor_names.size()),
              std::move(own_rows),
              picked(std::span(files), rows, 1),
              std::move(columns),
              stays ? checksum : std::nullopt};
  return std::make_shared<const Dataset>(
      Dataset{name, source, shape, scaling, range, class_names, factor_names, input_names, steps,
              std::move(train), test, format, type, pictures, assumed, left_out, memory});
}

}  // namespace zscape
