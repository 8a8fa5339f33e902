#pragma once

#include <memory>
#include <string>

#include "engine/frozen_model.h"
#include "engine/trainer.h"

namespace zscape {

// The metadata key that marks a checkpoint's file.
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

}  // namespace zscape
