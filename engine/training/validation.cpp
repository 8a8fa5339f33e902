#include "engine/training/validation.h"

#include <algorithm>
#include <utility>

#include "engine/random.h"
#include "engine/sequences.h"

namespace zscape {
namespace {

// The order stream counts epochs; no run reaches this one.
constexpr std::uint64_t kHoldOutCounter = std::uint64_t{1} << 62;

}  // namespace

ValidationSplit hold_out(std::int64_t count, std::int64_t validation, std::uint64_t seed,
                         std::int64_t length) {
  const auto order = permutation(count, seed, Stream::order, kHoldOutCounter);
  const auto rows = [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::int64_t> part(order.begin() + begin, order.begin() + end);
    std::ranges::sort(part);
    return make_indices(length == 1 ? std::move(part) : steps_of(part, length));
  };
  return {rows(0, count - validation), rows(count - validation, count)};
}

}  // namespace zscape
