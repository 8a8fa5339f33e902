#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/frozen_model.h"
#include "engine/training/trainers/read_ahead.h"

namespace zscape {

// Of the order of mapped inputs (docs/DESIGN.md). Part of what decides a run's bits.
struct OrderSizes {
  std::size_t block = std::size_t{2} << 20U;     // bytes that are read at once
  std::size_t window = std::size_t{128} << 20U;  // bytes whose inputs are shuffled
};

// The order of the rows in one epoch, window by window. Inputs in memory are one window. Those of a
// mapped file are cut into blocks of neighbours; the blocks are shuffled, and so are all rows of a
// window, which has some blocks that follow one another in the new order.
class EpochOrder {
 public:
  // rows: of the split, in the order of the file if it is mapped; null: all. inputs: of one row.
  EpochOrder(Indices rows, const Split& split, std::size_t inputs, std::uint64_t seed,
             const OrderSizes& sizes);

  void go_to(std::int64_t epoch);
  std::int64_t epoch() const { return epoch_; }
  std::int64_t count() const { return count_; }
  std::int64_t windows() const { return static_cast<std::int64_t>(begins_.size()) - 1; }
  // How many rows come before a window.
  std::int64_t begin_of(std::int64_t window) const {
    return begins_[static_cast<std::size_t>(window)];
  }
  std::vector<std::int64_t> rows_of(std::int64_t window) const;
  // Where the rows of a window lie: a range for each of its blocks. Of mapped inputs.
  std::vector<ByteRange> bytes_of(std::int64_t window) const;

 private:
  struct Span {
    std::int64_t first = 0, end = 0;
  };
  Span blocks_of(std::int64_t window) const;  // places in blocks_
  Span rows_of_block(std::int64_t block) const;
  std::int64_t row(std::int64_t place) const {
    return rows_ ? (*rows_)[static_cast<std::size_t>(place)] : place;
  }

  Indices rows_;
  const Split& split_;
  std::size_t width_ = 0;  // of a row, in bytes
  std::uint64_t seed_;
  bool is_mapped_;
  std::int64_t count_;
  std::int64_t rows_in_block_ = 1, blocks_in_window_ = 1;
  std::int64_t epoch_ = 0;
  std::vector<std::int64_t> blocks_;  // of the epoch, in its order; empty: in memory
  std::vector<std::int64_t> begins_;  // of the windows, and the end of the last
};

}  // namespace zscape
