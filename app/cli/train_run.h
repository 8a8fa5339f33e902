#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "app/cli/console.h"
#include "app/cli/outcome.h"
#include "app/cli/train_options.h"
#include "engine/backend.h"
#include "engine/training/early_stopping.h"
#include "engine/training/validation.h"

namespace zscape {

// One run of `zscape train`, once its data are there: epochs, their reports, validation, early
// stopping and checkpoints.
class TrainRun {
 public:
  // options.spec must be fitted to the data. rows: of the training split.
  TrainRun(const TrainOptions& options, std::shared_ptr<const Dataset> data, Backend& backend,
           Console& console);

  // Makes the trainer; where there is a checkpoint, goes on from it.
  Outcome<void> begin(const Checkpoint* checkpoint);

  // Trains to the end, to the end of patience or to Ctrl-C, and then writes what was asked for.
  Outcome<void> train();

 private:
  using Clock = std::chrono::steady_clock;

  // Sums of losses over the epoch under way, each step with the weight of its batch.
  struct EpochSums {
    Losses losses;
    std::int64_t inputs = 0;
    void add(const Losses& step, std::int64_t batch);
    Losses means() const;
  };

  Outcome<void> train_epoch();
  Outcome<void> train_steps(std::int64_t epoch, Clock::time_point began);
  Outcome<void> finish_epoch(double training_seconds, std::int64_t inputs);
  Outcome<Losses> losses_of(const FrozenModel& model, SplitName split, const Indices& rows);
  Outcome<void> save_checkpoint();
  Outcome<void> save_model(const std::string& path);
  std::string memory() const;
  Expected<void> remember(const std::string& memory);
  bool is_over() const;
  double seconds() const;
  StepSettings settings() const;  // of the next step
  void show_progress(std::int64_t epoch, const Losses& losses, Clock::time_point began,
                     std::int64_t inputs_before);
  tl::unexpected<Failure> diverged(std::string_view what) const;

  const TrainOptions& options_;
  std::shared_ptr<const Dataset> data_;
  Backend& backend_;
  Console& console_;
  ProgressLine progress_;

  ValidationSplit rows_;
  std::int64_t steps_per_epoch_ = 1;
  KlSchedule schedule_;
  std::unique_ptr<Trainer> trainer_;
  EpochSums sums_;
  EarlyStopping stopping_;
  std::int64_t best_epoch_ = 0;
  FrozenModelPtr best_;  // null without validation
  Losses best_test_ = kNotMeasured;
  Losses test_ = kNotMeasured;  // of the weights at measured_at_
  std::int64_t measured_at_ = -1;
  double seconds_before_ = 0;  // of the run that broke off
  Clock::time_point start_ = Clock::now();
};

}  // namespace zscape
