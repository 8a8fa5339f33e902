#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/frozen_model.h"
#include "engine/trainer.h"

namespace zscape {

// The metadata keys that mark the file of a model, and that of a checkpoint.
inline constexpr auto kModelKey = "zscape";
inline constexpr auto kCheckpointKey = "zscape_checkpoint";

// An unfinished run in a file: what Trainer::restore and the trainer's driver need to go on to the
// same bits.
struct Checkpoint {
  ModelSpec spec;
  TrainerState state;
  FrozenModelPtr best;  // the best weights by validation so far; null: none are kept
  std::string run;      // the driver's own memory, a JSON object: options, λ, sums, patience
  // Of the best weights, to train on from them; null: not known. Files do not have it.
  std::shared_ptr<const TrainerState> best_state = nullptr;
};

// The same in memory, at a step from which others are reached by repeating the steps between.
// Immutable.
struct FullState {
  std::int64_t step = 0;
  std::shared_ptr<const TrainerState> trainer;  // null: at step 0, as the seed draws it
  std::string run;                              // as Checkpoint::run
  FrozenModelPtr best;
  std::shared_ptr<const TrainerState> best_state;
};
using FullStatePtr = std::shared_ptr<const FullState>;
using FullStateList = std::vector<FullStatePtr>;  // rising steps

}  // namespace zscape
