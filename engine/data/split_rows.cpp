#include "engine/data/split_rows.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "engine/random.h"

namespace zscape {
namespace {

// Of no run: data are the same whatever the seed of the model that learns from them.
constexpr std::uint64_t kSplitSeed = 0x7A73'6361'7065'0001;
constexpr std::int64_t kRowsPerTestRow = 7;

}  // namespace

RowSplit split_rows(std::int64_t count) {
  assert(count >= 2);
  const std::int64_t test = std::max<std::int64_t>(1, count / kRowsPerTestRow);
  const auto order = permutation(count, kSplitSeed, Stream::order, 0);
  const auto border = order.begin() + static_cast<std::ptrdiff_t>(count - test);
  return {{order.begin(), border}, {border, order.end()}};
}

RowSplit whole_rows(std::int64_t count, SplitName which) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  RowSplit split;
  (which == SplitName::train ? split.train : split.test) = std::move(rows);
  return split;
}

}  // namespace zscape
