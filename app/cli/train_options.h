#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/outcome.h"
#include "engine/computing.h"
#include "engine/data_request.h"
#include "engine/kl_schedule.h"
#include "engine/model_spec.h"
#include "engine/trainer.h"

namespace zscape {

// Options with their values: {"--latent", "2"}, ….
using Arguments = std::vector<std::pair<std::string, std::string>>;

// λ's course as the command line has it: "constant", "warmup:E", "cyclic:M".
struct ScheduleOption {
  KlSchedule::Kind kind = KlSchedule::Kind::constant;
  double amount = 0;  // warm_up: epochs > 0; cyclic: cycles ≥ 1
};

// The same in steps of a run.
KlSchedule in_steps(const ScheduleOption& schedule, std::int64_t epochs,
                    std::int64_t steps_per_epoch);

// What `zscape train` was asked for, checked as far as the command line alone can tell. Where it
// resumes a run, only given, out, checkpoint, checkpoint_every, json and resume mean anything.
struct TrainOptions {
  DataRequest data{"synthetic", std::nullopt};
  ModelSpec spec;                 // shape, classes and scaling are still to be taken from the data
  bool chose_likelihood = false;  // else it follows the data
  StepSettings settings;          // kl_weight: the final λ
  double last_learning_rate = 0;  // at the end of the run, reached by equal factors; 0: constant
  ScheduleOption schedule;
  std::int64_t epochs = 10;     // ≥ 1
  std::int64_t limit = 0;       // training inputs to use; 0: all
  std::int64_t validation = 0;  // of them, held out to decide when to stop; 0: none
  std::int64_t patience = 0;    // epochs without a better validation loss; 0: never stop early
  std::uint64_t seed = 0;
  int threads = 0;      // 0: measured by the backend
  std::string kernels;  // empty: the fastest, measured
  Precision precision = Precision::fp32;
  Device device = Device::automatic;
  std::string out;                    // empty: the model is not saved
  std::string checkpoint;             // a folder; empty: none are written
  std::int64_t checkpoint_every = 1;  // epochs, ≥ 1
  std::string resume;                 // a checkpoint's file; empty: a new run
  bool json = false;
  Arguments given;  // the line's own options as they were written; a flag's value is empty
};

// Everything that decides a run's numbers. Reading them back gives the same run.
Arguments deciding_arguments(const TrainOptions& options);

// The options of a run that goes on: those of the checkpoint, with what the line may change
// (--epochs, --out, --checkpoint, --checkpoint-every, --json, --kernels, --device). Refuses a line
// that contradicts the checkpoint in anything else. stored: deciding_arguments of the broken run.
Outcome<TrainOptions> resumed(const TrainOptions& line, const Arguments& stored);

}  // namespace zscape
