#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/cli/outcome.h"
#include "app/cli/parameter_options.h"
#include "engine/training/plan.h"

namespace zscape {

// What `zscape train` was asked for, checked as far as the command line alone can tell. Where it
// resumes a run, the plan is the checkpoint's: resumed() makes it.
struct TrainOptions {
  RunPlan plan;
  std::string out;                    // empty: the model is not saved
  std::string checkpoint;             // a folder; empty: none are written
  std::int64_t checkpoint_every = 1;  // epochs, ≥ 1
  std::string resume;                 // a checkpoint's file; empty: a new run
  bool json = false;
  std::vector<GivenParameter> given;
};

// The plan of a run that goes on: that of the checkpoint, with what may change (Parameter::
// may_change). Refuses a line that contradicts the checkpoint in anything else.
Outcome<RunPlan> resumed(const std::vector<GivenParameter>& given, const RunPlan& stored);

}  // namespace zscape
