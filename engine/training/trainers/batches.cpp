#include "engine/training/trainers/batches.h"

#include <algorithm>
#include <utility>

namespace zscape {

Batches::Batches(const TrainingTask& task, const OrderSizes& sizes)
    : data_(task.data),
      split_(data_->train),
      order_(task.rows, split_, static_cast<std::size_t>(task.data->inputs()), task.seed, sizes) {}

std::span<const std::int64_t> Batches::next(int batch_size) {
  check();
  const std::int64_t seen = position_.seen_in_epoch;
  if (drawn_.empty()) {
    while (order_.begin_of(next_window_ + 1) <= seen) ++next_window_;
    first_window_ = next_window_;
    drawn_from_ = order_.begin_of(next_window_);
  }
  drop_windows();
  const std::int64_t end = std::min<std::int64_t>(count(), seen + batch_size);
  while (drawn_from_ + static_cast<std::int64_t>(drawn_.size()) < end) draw_window();
  return std::span(drawn_).subspan(static_cast<std::size_t>(seen - drawn_from_),
                                   static_cast<std::size_t>(end - seen));
}

// Adds a window's rows, and has the one behind it read.
void Batches::draw_window() {
  const auto rows = order_.rows_of(next_window_);
  drawn_.insert(drawn_.end(), rows.begin(), rows.end());
  if (split_.is_mapped()) {
    if (!ahead_) ahead_.emplace(split_.mapping());
    // Between two epochs an evaluation may have taken its place in memory.
    if (drawn_.size() == rows.size()) ahead_->begin(order_.bytes_of(next_window_));
    ahead_->finish();
    const bool is_last = next_window_ + 1 == order_.windows();
    EpochOrder then = order_;
    if (is_last) then.go_to(order_.epoch() + 1);
    ahead_->begin(then.bytes_of(is_last ? 0 : next_window_ + 1));
  }
  ++next_window_;
}

// Forgets the windows whose rows have all been used, but for the last one.
void Batches::drop_windows() {
  while (first_window_ + 1 < next_window_ &&
         order_.begin_of(first_window_ + 1) <= position_.seen_in_epoch) {
    const std::int64_t rows = order_.begin_of(first_window_ + 1) - drawn_from_;
    drawn_.erase(drawn_.begin(), drawn_.begin() + rows);
    drawn_from_ += rows;
    if (const auto& mapping = split_.mapping()) {
      for (const auto& [first, bytes] : order_.bytes_of(first_window_))
        mapping->leave(first, bytes);
    }
    ++first_window_;
  }
}

std::vector<std::int64_t> Batches::order() const {
  std::vector<std::int64_t> all;
  for (std::int64_t window = 0; window < order_.windows(); ++window) {
    const auto rows = order_.rows_of(window);
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

void Batches::advance(std::int64_t seen) {
  ++position_.step;
  position_.seen_in_epoch += seen;
  if (position_.seen_in_epoch < count()) return;
  position_.seen_in_epoch = 0;
  ++position_.epoch;
  forget();
  order_.go_to(position_.epoch);
}

void Batches::go_to(const TrainingPosition& position) {
  const bool other_epoch = position.epoch != position_.epoch;
  const bool goes_back = position.seen_in_epoch < drawn_from_;
  position_ = position;
  if (other_epoch || goes_back) forget();
  if (other_epoch) order_.go_to(position.epoch);
}

void Batches::forget() {
  if (const auto& mapping = split_.mapping()) {
    for (; first_window_ < next_window_; ++first_window_) {
      for (const auto& [first, bytes] : order_.bytes_of(first_window_))
        mapping->leave(first, bytes);
    }
  }
  drawn_.clear();
  first_window_ = next_window_ = drawn_from_ = 0;
}

}  // namespace zscape
