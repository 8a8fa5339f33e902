#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/checkpoint.h"
#include "engine/curves.h"
#include "engine/training/plan.h"

namespace zscape {

// A run of the window as its session keeps it: more than a TrainingLoop needs to go on.
struct KeptRun {
  Checkpoint checkpoint;  // of TrainingLoop::state()
  RunPlan plan;           // data.source: where the data were
  std::uint32_t data_checksum = 0;
  std::int64_t steps_before = 0, epochs_before = 0;  // as ModelView has them
  Curves curves;
  // Its whole states: a step, and a file in the folder of the run's. Empty: as the seed draws it.
  std::vector<std::pair<std::int64_t, std::string>> states = {};
  std::string computed_by =
      {};  // Backend::device(): elsewhere steps are not repeated to the same bits
};

// As a checkpoint, the curves among its tensors.
Checkpoint to_checkpoint(KeptRun run);

// The inverse. An error does not name the file.
Expected<KeptRun> kept_run_from(Checkpoint checkpoint);

}  // namespace zscape
