#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/data/formats.h"
#include "engine/dataset.h"
#include "engine/input_mapping.h"

// Data whose inputs stay on a disk (docs/DESIGN.md, "Data"): DataRequest::memory has no room for
// them.
namespace zscape {

// Whether the inputs of these data are to be mapped: they take too much memory, and the format
// gives them piece by piece.
bool belongs_on_disk(const RawData& raw, const DataRequest& request);

// Maps the inputs of a part: where they lie, or in a scratch file, into which they are written
// first. Adds a sentence about it to `said`.
Expected<void> map_part(const RawPart& part, Split& split, std::vector<std::string>& said,
                        const Progress& progress);

// The least and the greatest of some numbers, and whether all of them are whole.
struct Ends {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  bool whole = true;

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
    whole = whole && value == std::floor(value);
  }
  bool operator==(const Ends&) const = default;
};

// What one pass over mapped inputs tells.
struct MappedNumbers {
  Ends train, test;  // with Split::offset
  // The first row, in its file, with a number that is not within ±`largest`; −1: there is none.
  std::int64_t bad_row = -1;
  float bad = 0;
  bool is_bad_in_test = false;

  bool lie_in_unit_interval() const {
    return train.low >= 0 && train.high <= 1 && test.low >= 0 && test.high <= 1;
  }
};

// Goes once through all inputs and sets Split::checksum.
Expected<MappedNumbers> survey(Dataset& data, float largest, const Progress& progress);

// Replaces the mapped inputs of both splits by a scratch file of other numbers, [0, 1] by what
// `changed` makes of each row, and sets Split::checksum.
template <class From, class To>
using ChangeRow = std::function<void(std::span<const From> row, std::span<To> changed)>;
Expected<void> rewrite(Dataset& data, const ChangeRow<std::uint8_t, std::uint8_t>& change,
                       const Progress& progress);
Expected<void> rewrite(Dataset& data, const ChangeRow<std::uint8_t, float>& change,
                       const Progress& progress);
Expected<void> rewrite(Dataset& data, const ChangeRow<float, float>& change,
                       const Progress& progress);

// Visits the rows of a split in their order, visit(numbers), in memory or mapped. False: cancelled.
template <class T, class Visit>
bool for_each_row(const Split& split, const InputBlock<T>& block, std::size_t inputs,
                  const Progress& progress, const Visit& visit) {
  constexpr std::size_t kBytesAtOnce = std::size_t{4} << 20U;
  const auto at_once =
      static_cast<std::int64_t>(std::max<std::size_t>(1, kBytesAtOnce / (inputs * sizeof(T))));
  const auto& mapping = split.mapping();
  for (std::int64_t begin = 0; begin < split.count; begin += at_once) {
    if (!report(progress, static_cast<double>(begin) / static_cast<double>(split.count))) {
      return false;
    }
    const std::int64_t end = std::min(split.count, begin + at_once);
    const std::size_t first = split.first(begin, inputs * sizeof(T));
    const std::size_t last = split.first(end - 1, inputs * sizeof(T)) + inputs * sizeof(T);
    if (mapping) mapping->expect(last, last - first);
    for (std::int64_t row = begin; row < end; ++row) {
      visit(std::span(block).subspan(split.first(row, inputs), inputs));
    }
    if (mapping) mapping->leave(first, last - first);
  }
  return true;
}

}  // namespace zscape
