#pragma once

#include <memory>
#include <string>

#include "app/cli/console.h"
#include "app/cli/outcome.h"
#include "engine/backend.h"
#include "engine/training/loop.h"

namespace zscape {

// What `zscape train` was asked for.
struct TrainOptions {
  RunPlan plan;
  std::string out;                    // empty: the model is not saved
  std::string checkpoint;             // a file; empty: none is written
  std::int64_t checkpoint_every = 1;  // epochs, ≥ 1
  std::string resume;                 // a checkpoint's file; empty: a new run
  FrozenModelPtr start;               // weights to begin with; null: new ones
  bool json = false;
  std::int64_t drawn = 0;        // training inputs that --limit drew; 0: it took all
  std::shared_ptr<Ranks> ranks;  // that train together; null: this process alone
};

// The file beside a checkpoint's that holds its present model.
std::string model_beside(const std::string& checkpoint);

// The plan of the run that a checkpoint keeps.
Expected<RunPlan> plan_of(const Checkpoint& checkpoint);

// Where that run saves its model in the end, an absolute path; empty: nowhere, or not known.
std::string out_of(const Checkpoint& checkpoint);

// One run of `zscape train` on loaded data: drives a TrainingLoop, prints its events, and writes
// models and checkpoints.
class TrainRun {
 public:
  // options.plan must be fitted to the data.
  TrainRun(const TrainOptions& options, std::shared_ptr<const Dataset> data, Backend& backend,
           Console& console);

  // Makes the trainer, and restores the checkpoint if there is one.
  Outcome<void> begin(const Checkpoint* checkpoint);

  // Trains until the last epoch, an early stop or a signal, then writes the files asked for.
  Outcome<void> train();

  // Whether train() failed in all ranks alike.
  bool has_diverged() const { return has_diverged_; }

  // Together: whether all ranks have the same plan and data.
  Outcome<void> check_same() const;

 private:
  Outcome<void> accept(const StepTaken& taken);
  Outcome<void> accept(const EpochMeasured& epoch);
  Outcome<void> accept(const Stopped& stopped);
  Outcome<void> accept(const Diverged& diverged);
  Outcome<void> save_checkpoint();
  Outcome<void> save_model(const std::string& path);

  const TrainOptions& options_;
  std::shared_ptr<const Dataset> data_;
  Backend& backend_;
  Console& console_;
  ProgressLine progress_;
  std::optional<TrainingLoop> loop_;
  bool has_diverged_ = false;
};

// An epoch of `zscape train` as a line of JSON.
std::string to_json_line(const RunPlan& plan, const EpochMeasured& epoch);

// An epoch as a row of a table for people, under epoch_table_header().
std::string epoch_table_header(const RunPlan& plan);
std::string to_table_row(const RunPlan& plan, const EpochMeasured& epoch);

}  // namespace zscape
