#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/error.h"
#include "engine/reader/file_reader.h"

namespace zscape {

// A matrix of which only what is not zero is kept, by rows.
class SparseMatrix {
 public:
  // As SciPy keeps them: the items of line i are values[starts[i] … starts[i + 1]], at the places
  // `indices`; lines are columns if by_columns, else rows. Refuses lines and places that are not
  // there, and makes rows of columns.
  static Expected<SparseMatrix> make(bool by_columns, std::int64_t rows, std::int64_t columns,
                                     std::size_t item_size, std::vector<std::byte> values,
                                     std::vector<std::int64_t> indices,
                                     std::vector<std::int64_t> starts);

  // The dense rows first … first + rows - 1.
  Expected<void> write_rows(std::int64_t first, std::int64_t rows, const Sink& sink) const;

 private:
  void make_rows_of_columns();

  std::int64_t rows_ = 0;
  std::int64_t columns_ = 0;
  std::size_t item_size_ = 0;
  std::vector<std::byte> values_;
  std::vector<std::int64_t> indices_;
  std::vector<std::int64_t> starts_;
};

}  // namespace zscape
