#pragma once

#include <cstdint>

namespace zscape {

// Training inputs that are held out and measured after each epoch, to see when a model stops
// improving.
struct HoldOut {
  std::int64_t rows = 0;      // or sequences; 0: none; fewer than the training split has
  std::int64_t patience = 0;  // stop after so many epochs without a better loss; 0: never

  bool operator==(const HoldOut&) const = default;
};

}  // namespace zscape
