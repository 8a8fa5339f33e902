#pragma once

#include <cstdint>

namespace zscape {

// Training inputs that are kept back from learning and measured after each epoch, to tell when a
// model stops getting better.
struct HoldOut {
  std::int64_t rows = 0;      // 0: none; fewer than the training split has
  std::int64_t patience = 0;  // epochs without a better loss after which to stop; 0: never

  bool operator==(const HoldOut&) const = default;
};

}  // namespace zscape
