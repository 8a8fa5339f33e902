#pragma once

#include <cstdint>
#include <memory>

#include "engine/frozen_model.h"

namespace zscape {

// What may change from one step to the next.
struct StepSettings {
  double kl_weight = 1.0;       // λ ≥ 0
  double learning_rate = 1e-3;  // > 0
  int batch_size = 128;         // ≥ 1; larger than the split: the whole split
};

// Where a run stands.
struct TrainingPosition {
  std::int64_t step = 0;           // steps taken
  std::int64_t epoch = 0;          // epochs completed
  std::int64_t seen_in_epoch = 0;  // inputs of the present epoch already used
};

// Weights, moments and position of a run at one step; opaque outside the trainer that made it.
class TrainerState {
 public:
  virtual ~TrainerState() = default;
};

// Optimises one model on the training split of one data set. Owned by one thread and used by that
// thread only. A run is a function of (spec, data, seed, settings of each step, thread count).
class Trainer {
 public:
  virtual ~Trainer() = default;

  // One optimisation step on the next batch. Returns the losses before the update, averaged over
  // the batch; where they are not finite, the weights are left as they were.
  virtual Losses step(const StepSettings& settings) = 0;

  virtual TrainingPosition position() const = 0;
  virtual const ModelSpec& spec() const = 0;

  // A copy of the present weights.
  virtual FrozenModelPtr freeze() const = 0;

  // A copy of everything that the next step depends on, and back to one.
  virtual std::shared_ptr<const TrainerState> state() const = 0;
  virtual void restore(const TrainerState& state) = 0;
};

}  // namespace zscape
