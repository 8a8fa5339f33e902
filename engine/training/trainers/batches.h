#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/trainer.h"
#include "engine/training/trainers/row_order.h"

namespace zscape {

// The rows that each step of a run reads: in every epoch all of them once, in a new order (order
// stream). Depends only on the seed and the batch sizes, and on whether the data are mapped. Has
// the inputs of mapped data in memory before they are read.
class Batches {
 public:
  // Of the task's rows.
  explicit Batches(const TrainingTask& task, const OrderSizes& sizes = {});

  // The next rows of this epoch; fewer at its end. Valid until the next call. Throws if mapped data
  // are not what they were (InputMapping::check).
  std::span<const std::int64_t> next(int batch_size);

  // All rows of this epoch, in its order; for trainers that have all inputs at hand.
  std::vector<std::int64_t> order() const;

  // Throws if what was read since next() was not there any more. Before a step changes a weight.
  void check() const { check_inputs(split_); }

  // A step has used the next `seen` rows.
  void advance(std::int64_t seen);

  const TrainingPosition& position() const { return position_; }
  void go_to(const TrainingPosition& position);
  std::int64_t count() const { return order_.count(); }

 private:
  void draw_window();
  void drop_windows();
  void forget();

  std::shared_ptr<const Dataset> data_;
  const Split& split_;  // of the data, to learn from
  EpochOrder order_;
  std::optional<ReadAhead> ahead_;  // of mapped data, from the first batch on
  // The windows that are drawn: of which the rows from drawn_from_ on in the epoch are in drawn_.
  std::int64_t first_window_ = 0, next_window_ = 0;
  std::int64_t drawn_from_ = 0;
  std::vector<std::int64_t> drawn_;
  TrainingPosition position_;
};

}  // namespace zscape
