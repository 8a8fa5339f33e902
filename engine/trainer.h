#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/frozen_model.h"

namespace zscape {

// What may change from one step to the next.
struct StepSettings {
  double kl_weight = 1.0;       // λ ≥ 0
  double learning_rate = 1e-3;  // > 0
  int batch_size = 128;         // ≥ 1; larger than the split: the whole split
  int most_steps = 0;           // that these hold for; 0: any number
};

// Where a run stands.
struct TrainingPosition {
  std::int64_t step = 0;           // steps taken
  std::int64_t epoch = 0;          // epochs completed
  std::int64_t seen_in_epoch = 0;  // inputs of the present epoch already used

  bool operator==(const TrainingPosition&) const = default;
};

// One array of a trainer's state.
struct StateTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // row by row
};

// Weights, moments and position of a run at one step: everything that its next step depends on
// beside the task itself.
struct TrainerState {
  TrainingPosition position;
  std::vector<StateTensor> tensors;
};

// What a trainer is to do.
struct TrainingTask {
  ModelSpec spec;
  std::shared_ptr<const Dataset> data;
  Indices rows;            // of the training split, at least one; null: all of it
  std::uint64_t seed = 0;  // decides every random draw
  FrozenModelPtr start;    // weights to begin with, of the same spec; null: drawn from the seed
};

// Optimises one model on rows of the training split of one data set. Owned by one thread and used
// by that thread only. A run is a function of (task, settings of each step, thread count).
class Trainer {
 public:
  virtual ~Trainer() = default;

  // One optimisation step on the next batch, or, where steps are short (on a GPU), some of the same
  // epoch under these settings; position() tells. Returns the losses before each update, averaged
  // over the inputs; where they are not finite, the weights are those before the first such step.
  // Where it throws, no step was taken.
  virtual Losses step(const StepSettings& settings) = 0;

  virtual TrainingPosition position() const = 0;
  virtual const ModelSpec& spec() const = 0;

  // Nothing is left to learn: a closed form is fitted. Further steps would change nothing.
  virtual bool finished() const { return false; }

  // A copy of the present weights.
  virtual FrozenModelPtr freeze() const = 0;

  // A copy of the state, and back to one. Fails where the state is not of such a trainer; nothing
  // has changed then.
  virtual std::shared_ptr<const TrainerState> state() const = 0;
  virtual Expected<void> restore(const TrainerState& state) = 0;
};

}  // namespace zscape
