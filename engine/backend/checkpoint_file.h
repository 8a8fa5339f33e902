#pragma once

#include <string>

#include "engine/checkpoint.h"
#include "engine/error.h"
#include "engine/io/safetensors.h"
#include "engine/model/autoencoder.h"

namespace zscape {

// A checkpoint as a .safetensors file: the trainer's tensors as "state.…", the best weights as
// "best.…", everything else as metadata.
TensorFile to_tensor_file(const Checkpoint& checkpoint, const Autoencoder* best);

struct CheckpointFile {
  Checkpoint checkpoint;            // without best
  std::optional<Autoencoder> best;  // weights of checkpoint.best
  std::int64_t best_step = 0;
};

// The inverse. Errors begin with name.
Expected<CheckpointFile> checkpoint_from(const TensorFile& file, const std::string& name);

}  // namespace zscape
