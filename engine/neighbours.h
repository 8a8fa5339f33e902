#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/codes.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

struct Neighbour {
  std::int64_t index = 0;  // of the split
  float distance = 0;      // Euclidean
};

// The inputs nearest to one. Immutable.
struct Neighbours {
  std::int64_t index = 0;  // of that input, in the split of the codes
  CodesPtr codes;          // the inputs among which were looked are those that have a code here
  // Without the input itself; the nearest first, of two equally near ones the lower index.
  std::vector<Neighbour> by_input;  // in what networks read: [0, 1], or standardised numbers
  std::vector<Neighbour> by_code;   // in μ, over all dimensions
};
using NeighboursPtr = std::shared_ptr<const Neighbours>;

// Of each z ([n, k]), the row of the code that lies nearest: exact, by all dimensions.
std::vector<std::size_t> nearest_codes(const Codes& codes, std::span<const float> z);

// Looks at every input that has a code: exact. The input itself need not have one; then by_code is
// empty. Fails only where it is cancelled.
Expected<Neighbours> find_neighbours(const Dataset& data, const CodesPtr& codes, std::int64_t index,
                                     int count, const Progress& progress = {});

}  // namespace zscape
