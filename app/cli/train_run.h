#pragma once

#include <memory>
#include <string>

#include "app/cli/console.h"
#include "app/cli/outcome.h"
#include "app/cli/train_options.h"
#include "engine/training/loop.h"

namespace zscape {

// One run of `zscape train`, once its data are there: drives a TrainingLoop, prints what happens
// there, and writes models and checkpoints.
class TrainRun {
 public:
  // options.plan must be fitted to the data.
  TrainRun(const TrainOptions& options, std::shared_ptr<const Dataset> data, Backend& backend,
           Console& console);

  // Makes the trainer; where there is a checkpoint, goes on from it.
  Outcome<void> begin(const Checkpoint* checkpoint);

  // Trains to the end, to the end of patience or to Ctrl-C, and then writes what was asked for.
  Outcome<void> train();

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
};

}  // namespace zscape
