#pragma once

#include <cstdint>
#include <vector>

#include "engine/dataset.h"

namespace zscape {

// Which rows of a data set that comes as one part make up which split, in the splits' order.
struct RowSplit {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> test;
};

// Divides such a data set: a permutation that depends on count alone, so that models and
// checkpoints agree on it. One row in seven is for testing, at least one and not all. Rows of a
// sorted file are mixed. count ≥ 2.
RowSplit split_rows(std::int64_t count);

// Divides data whose training split holds all rows so far. Takes memory for the test split only.
void hold_out_test_part(Dataset& data);

}  // namespace zscape
