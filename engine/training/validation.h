#pragma once

#include <cstdint>

#include "engine/frozen_model.h"

namespace zscape {

// A divided training split: rows to learn from, and rows that decide when to stop.
struct ValidationSplit {
  Indices train;
  Indices validation;
};

// Holds out the last `validation` rows of a seeded permutation of `count`; both parts ascend.
// 0 ≤ validation < count.
ValidationSplit hold_out(std::int64_t count, std::int64_t validation, std::uint64_t seed);

}  // namespace zscape
