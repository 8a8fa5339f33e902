#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/dataset.h"

namespace zscape {

// Which rows of a file make up which split, in the splits' order.
struct RowSplit {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> test;
};

// Divides data that come as one set: a permutation that depends on count alone, so that models and
// checkpoints agree on it; of seven rows one is for testing, at least one and not all. Rows of a
// sorted file are mixed. count ≥ 2.
RowSplit split_rows(std::int64_t count);

// All rows for training or all for testing, in their order.
RowSplit whole_rows(std::int64_t count, SplitName which);

// Where each row of a file goes in the splits' values; both vectors are made as large as needed.
// [rows], each to row_size values.
template <class T>
std::vector<T*> row_places(const RowSplit& rows, std::size_t row_size, std::vector<T>& train,
                           std::vector<T>& test) {
  train.resize(rows.train.size() * row_size);
  test.resize(rows.test.size() * row_size);
  std::vector<T*> places(rows.train.size() + rows.test.size());
  for (std::size_t i = 0; i < rows.train.size(); ++i) {
    places[static_cast<std::size_t>(rows.train[i])] = train.data() + i * row_size;
  }
  for (std::size_t i = 0; i < rows.test.size(); ++i) {
    places[static_cast<std::size_t>(rows.test[i])] = test.data() + i * row_size;
  }
  return places;
}

}  // namespace zscape
