#include "engine/training/trainers/row_order.h"

#include <algorithm>
#include <utility>

#include "engine/random.h"

namespace zscape {
namespace {

// In the stream of orders, beside the epochs' own numbers: 2^24 windows for each of 2^36 epochs.
constexpr std::uint64_t kWindowCounter = std::uint64_t{1} << 61;
constexpr int kWindowBits = 24;

}  // namespace

EpochOrder::EpochOrder(Indices rows, const Split& split, std::size_t inputs, std::uint64_t seed,
                       const OrderSizes& sizes)
    : rows_(std::move(rows)),
      split_(split),
      width_(inputs * (split.pixels.empty() ? sizeof(float) : 1)),
      seed_(seed),
      is_mapped_(split.is_mapped()),
      count_(rows_ ? static_cast<std::int64_t>(rows_->size()) : split.count) {
  if (is_mapped_ && count_ > 0) {
    // Rows of other splits may lie between these.
    const std::size_t whole =
        split.first(row(count_ - 1), width_) + width_ - split.first(row(0), width_);
    const std::size_t of_row = std::max<std::size_t>(1, whole / static_cast<std::size_t>(count_));
    rows_in_block_ = static_cast<std::int64_t>(std::max<std::size_t>(1, sizes.block / of_row));
    blocks_in_window_ = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(sizes.window / of_row) / rows_in_block_);
  }
  go_to(0);
}

void EpochOrder::go_to(std::int64_t epoch) {
  epoch_ = epoch;
  begins_ = {0};
  if (!is_mapped_) {
    begins_.push_back(count_);
    return;
  }
  const std::int64_t blocks = (count_ + rows_in_block_ - 1) / rows_in_block_;
  blocks_ = permutation(blocks, seed_, Stream::order, static_cast<std::uint64_t>(epoch));
  // The blocks are shared out evenly: a last window of a few would be shuffled badly.
  const std::int64_t windows =
      std::max<std::int64_t>(1, (blocks + blocks_in_window_ - 1) / blocks_in_window_);
  for (std::int64_t window = 0; window < windows; ++window) {
    std::int64_t rows = 0;
    const std::int64_t end = (window + 1) * blocks / windows;
    for (std::int64_t i = window * blocks / windows; i < end; ++i) {
      const auto [first, last] = rows_of_block(blocks_[static_cast<std::size_t>(i)]);
      rows += last - first;
    }
    begins_.push_back(begins_.back() + rows);
  }
}

EpochOrder::Span EpochOrder::blocks_of(std::int64_t window) const {
  const auto blocks = static_cast<std::int64_t>(blocks_.size());
  return {window * blocks / windows(), (window + 1) * blocks / windows()};
}

EpochOrder::Span EpochOrder::rows_of_block(std::int64_t block) const {
  return {block * rows_in_block_, std::min(count_, (block + 1) * rows_in_block_)};
}

std::vector<std::int64_t> EpochOrder::rows_of(std::int64_t window) const {
  const auto epoch = static_cast<std::uint64_t>(epoch_);
  if (!is_mapped_) {
    auto order = permutation(count_, seed_, Stream::order, epoch);
    if (rows_) {
      for (std::int64_t& each : order) each = row(each);
    }
    return order;
  }
  std::vector<std::int64_t> places;
  const auto [begin, end] = blocks_of(window);
  for (std::int64_t i = begin; i < end; ++i) {
    const auto [first, last] = rows_of_block(blocks_[static_cast<std::size_t>(i)]);
    for (std::int64_t place = first; place < last; ++place) places.push_back(row(place));
  }
  auto order =
      permutation(static_cast<std::int64_t>(places.size()), seed_, Stream::order,
                  kWindowCounter + (epoch << kWindowBits) + static_cast<std::uint64_t>(window));
  for (std::int64_t& each : order) each = places[static_cast<std::size_t>(each)];
  return order;
}

std::vector<ByteRange> EpochOrder::bytes_of(std::int64_t window) const {
  std::vector<ByteRange> ranges;
  const auto [begin, end] = blocks_of(window);
  for (std::int64_t i = begin; i < end; ++i) {
    const auto [first, last] = rows_of_block(blocks_[static_cast<std::size_t>(i)]);
    const std::size_t from = split_.first(row(first), width_);
    ranges.push_back({from, split_.first(row(last - 1), width_) + width_ - from});
  }
  return ranges;
}

}  // namespace zscape
