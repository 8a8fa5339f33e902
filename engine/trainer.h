#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/frozen_model.h"

namespace zscape {

// Settings that may change from one step to the next.
struct StepSettings {
  double kl_weight = 1.0;       // λ ≥ 0
  double learning_rate = 1e-3;  // > 0
  int batch_size = 128;         // ≥ 1; larger than the split: the whole split
  int most_steps = 0;           // take at most so many steps with these; 0: any number

  bool operator==(const StepSettings&) const = default;
};

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

// Weights, moments and position of a run: with the task, everything that its next step depends on.
struct TrainerState {
  TrainingPosition position;
  std::vector<StateTensor> tensors;
};

class Ranks;

struct TrainingTask {
  ModelSpec spec;
  std::shared_ptr<const Dataset> data;
  Indices rows;            // of the training split, at least one; null: all of it
  std::uint64_t seed = 0;  // decides every random draw
  FrozenModelPtr start;    // weights to begin with, of the same spec; null: drawn from the seed
  int batch_size = 1;      // of the first step, to see whether it fits into memory
  std::shared_ptr<Ranks> ranks = {};  // that share each batch (ranks.h); null: this process alone
};

// Optimises one model on rows of a training split. Used by one thread only. A run depends only on
// the task, the settings of each step and the thread count.
class Trainer {
 public:
  virtual ~Trainer() = default;

  // Takes one step on the next batch, or several of the same epoch if steps are short (on a GPU);
  // position() tells. Returns the losses before the updates, averaged over the inputs. If a loss is
  // not finite, the weights are those before that step. If it throws, no step was taken.
  virtual Losses step(const StepSettings& settings) = 0;

  virtual TrainingPosition position() const = 0;
  virtual const ModelSpec& spec() const = 0;

  // A closed form is fitted; further steps would change nothing.
  virtual bool finished() const { return false; }

  // A copy of the present weights.
  virtual FrozenModelPtr freeze() const = 0;

  // Copies and restores the state. restore() fails, and changes nothing, if the state is not of
  // such a trainer.
  virtual std::shared_ptr<const TrainerState> state() const = 0;
  virtual Expected<void> restore(const TrainerState& state) = 0;
};

}  // namespace zscape
