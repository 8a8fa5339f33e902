#pragma once

#include <cstdint>
#include <string>

#include "engine/frozen_model.h"
#include "engine/trainer.h"

namespace zscape {

// The metadata key by which the file of a checkpoint is known.
inline constexpr auto kCheckpointKey = "zscape_checkpoint";

// A run in the middle, as a file keeps it: what Trainer::restore and whoever drives the trainer
// need to go on to the same bits.
struct Checkpoint {
  ModelSpec spec;
  TrainerState state;
  FrozenModelPtr best;  // the best weights by validation so far; null: none are kept
  std::string run;      // the driver's own memory, a JSON object: options, λ, sums, patience
};

}  // namespace zscape
