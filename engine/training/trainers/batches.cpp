#include "engine/training/trainers/batches.h"

#include <algorithm>
#include <utility>

#include "engine/random.h"

namespace zscape {

Batches::Batches(Indices rows, std::int64_t count, std::uint64_t seed)
    : rows_(std::move(rows)),
      seed_(seed),
      order_(rows_ ? rows_->size() : static_cast<std::size_t>(count)) {
  shuffle();
}

std::span<const std::int64_t> Batches::next(int batch_size) const {
  const auto rest = std::span(order_).subspan(static_cast<std::size_t>(position_.seen_in_epoch));
  return rest.first(std::min(rest.size(), static_cast<std::size_t>(batch_size)));
}

void Batches::advance(std::int64_t seen) {
  ++position_.step;
  position_.seen_in_epoch += seen;
  if (position_.seen_in_epoch < count()) return;
  position_.seen_in_epoch = 0;
  ++position_.epoch;
  shuffle();
}

void Batches::go_to(const TrainingPosition& position) {
  const bool other_epoch = position.epoch != position_.epoch;
  position_ = position;
  if (other_epoch) shuffle();
}

void Batches::shuffle() {
  order_ = permutation(count(), seed_, Stream::order, static_cast<std::uint64_t>(position_.epoch));
  if (!rows_) return;
  for (std::int64_t& row : order_) row = (*rows_)[static_cast<std::size_t>(row)];
}

}  // namespace zscape
