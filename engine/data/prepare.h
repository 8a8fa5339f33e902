#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Null if the inputs of both splits lie in [0, 1] (bytes do) and have no offset. Otherwise the mean
// and the population deviation of each input over the training split, computed in float64; a
// constant input gets the deviation 1. The values must be finite.
std::shared_ptr<const Scaling> find_scaling(const Dataset& data);
// The same, where it may take long.
Expected<std::shared_ptr<const Scaling>> find_scaling(const Dataset& data,
                                                      const Progress& progress);

// The rows of each split, in the split's order, for a data set that comes as one part.
struct RowSplit {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> test;
};

// Divides such a data set by a permutation that depends on count alone, so that models and
// checkpoints agree on it. One row in seven, and at least one, is for testing. count ≥ 2.
RowSplit split_rows(std::int64_t count);

// Moves the test rows out of a training split that holds all rows, whole sequences where it holds
// some. Needs memory for the test split only. Mapped inputs stay where they are: both parts keep the
// order of the file.
void hold_out_test_part(Dataset& data);

}  // namespace zscape
