#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/outcome.h"
#include "engine/training/plan.h"

namespace zscape {

// Options with their values: {"--latent", "2"}, ….
using Arguments = std::vector<std::pair<std::string, std::string>>;

// What `zscape train` was asked for, checked as far as the command line alone can tell. Where it
// resumes a run, only given, out, checkpoint, checkpoint_every, json and resume mean anything.
struct TrainOptions {
  RunPlan plan;
  std::string out;                    // empty: the model is not saved
  std::string checkpoint;             // a folder; empty: none are written
  std::int64_t checkpoint_every = 1;  // epochs, ≥ 1
  std::string resume;                 // a checkpoint's file; empty: a new run
  bool json = false;
  Arguments given;  // the line's own options as they were written; a flag's value is empty
};

// Everything that decides a run's numbers. Reading them back gives the same run.
Arguments deciding_arguments(const RunPlan& plan);

// The options of a run that goes on: those of the checkpoint, with what the line may change
// (--epochs, --out, --checkpoint, --checkpoint-every, --json, --kernels, --device). Refuses a line
// that contradicts the checkpoint in anything else. stored: deciding_arguments of the broken run.
Outcome<TrainOptions> resumed(const TrainOptions& line, const Arguments& stored);

}  // namespace zscape
