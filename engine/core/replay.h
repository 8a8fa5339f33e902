#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/backend.h"
#include "engine/checkpoint.h"
#include "engine/curves.h"
#include "engine/training/plan.h"

namespace zscape {

// An earlier step of a run, and what it is reached from.
struct EarlierStep {
  std::int64_t step = 0;
  FullStatePtr from;  // of that step or before; not null
  RunPlan plan;       // of the run; its settings are of any step
  std::vector<SettingsChange> changes;
  std::shared_ptr<const Dataset> data;
};

// The run at that step.
struct ReachedStep {
  Checkpoint checkpoint;
  RunPlan plan;
};

// Takes the steps from the kept state on once more, with a trainer of its own. The result has the
// bits that the unbroken run had at the step, where the backend computes as it did then. Changes
// recorded at the step itself are made too. Any thread may call, for it alone.
Expected<ReachedStep> state_at(Backend& backend, const EarlierStep& wanted,
                               const Progress& progress);

}  // namespace zscape
