#pragma once

#include <cstdint>
#include <limits>

#include "engine/codes.h"

namespace zscape {

// Watches a validation loss, epoch by epoch.
struct EarlyStopping {
  std::int64_t patience = 0;  // epochs without improvement after which to stop; 0: never
  double best = std::numeric_limits<double>::infinity();
  std::int64_t epochs_since_best = 0;

  // Returns whether this is the best loss so far.
  bool observe(double loss) {
    if (loss < best) {
      best = loss;
      epochs_since_best = 0;
      return true;
    }
    ++epochs_since_best;
    return false;
  }
  bool should_stop() const { return patience > 0 && epochs_since_best >= patience; }
};

// A divided training split: rows to learn from, and rows that decide when to stop.
struct ValidationSplit {
  Indices train;
  Indices validation;
};

// Holds out the last `validation` sequences of a seeded permutation of `count` sequences of this
// length (engine/sequences.h); both parts ascend. 0 ≤ validation < count.
ValidationSplit hold_out(std::int64_t count, std::int64_t validation, std::uint64_t seed,
                         std::int64_t length = 1);

}  // namespace zscape
