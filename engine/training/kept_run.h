#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/checkpoint.h"
#include "engine/curves.h"
#include "engine/stored_runs.h"
#include "engine/training/plan.h"

namespace zscape {

// Files of a run's past, in the folder of the run's own.
struct KeptPast {
  // Its whole states: a step, and a file. Empty: as the seed draws it.
  std::vector<std::pair<std::int64_t, std::string>> states;
  std::vector<std::string> moments;  // rising steps
};

// A run that was put away, in a file of its own beside the session's.
struct KeptStoredRun {
  std::string file;
  bool is_pinned = false;
  KeptPast past;
};

// A run of the window as its session keeps it: more than a TrainingLoop needs to go on.
struct KeptRun {
  Checkpoint checkpoint;  // of TrainingLoop::state()
  RunPlan plan;           // data.source: where the data were
  std::uint32_t data_checksum = 0;
  std::int64_t steps_before = 0, epochs_before = 0;  // as ModelView has them
  Curves curves;
  KeptPast past = {};
  std::vector<KeptStoredRun> stored = {};  // of the session; the oldest first
  std::string computed_by =
      {};  // Backend::device(): elsewhere steps are not repeated to the same bits
};

// As a checkpoint, the curves among its tensors.
Checkpoint to_checkpoint(KeptRun run);

// The inverse. An error does not name the file.
Expected<KeptRun> kept_run_from(Checkpoint checkpoint);

// A checkpoint's memory of the run with what the list of runs has beyond it: the model that it was,
// why and when it was put away, its data and λ. The inverse leaves the rest of StoredRun as it is.
std::string with_put_away(const std::string& memory, const StoredRun& shown);
Expected<StoredRun> put_away_from(const std::string& memory);

}  // namespace zscape
