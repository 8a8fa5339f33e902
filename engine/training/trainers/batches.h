#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/frozen_model.h"
#include "engine/trainer.h"

namespace zscape {

// The rows that each step of a run reads: in every epoch all of them once, in a new order (order
// stream). Depends only on the seed and the batch sizes.
class Batches {
 public:
  // rows: of a split; null: all `count` rows.
  Batches(Indices rows, std::int64_t count, std::uint64_t seed);

  // The next rows of this epoch; fewer at its end.
  std::span<const std::int64_t> next(int batch_size) const;

  // All rows of this epoch, in its order.
  std::span<const std::int64_t> order() const { return order_; }

  // A step has used the next `seen` rows.
  void advance(std::int64_t seen);

  const TrainingPosition& position() const { return position_; }
  void go_to(const TrainingPosition& position);
  std::int64_t count() const { return static_cast<std::int64_t>(order_.size()); }

 private:
  void shuffle();

  Indices rows_;
  std::uint64_t seed_;
  std::vector<std::int64_t> order_;  // of the present epoch
  TrainingPosition position_;
};

}  // namespace zscape
