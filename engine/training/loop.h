#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "engine/backend.h"
#include "engine/checkpoint.h"
#include "engine/ranks.h"
#include "engine/training/plan.h"
#include "engine/training/validation.h"

namespace zscape {

// The trainer took one step, or several at once (Trainer::step).
struct StepTaken {
  Losses losses;
  std::int64_t inputs = 0;
};

// An epoch was measured. NaN: the model has no such figure.
struct EpochMeasured {
  std::int64_t epoch = 0;  // from 1 on
  std::int64_t step = 0;
  Losses train;                      // means over the epoch's inputs, each before its step
  Losses test = kNotMeasured;        // the whole test split
  std::optional<Losses> validation;  // the rows held out; nothing: none are
  bool is_best = false;              // by the validation loss, so far
  double kl_weight = 0;              // λ of the epoch's last step and of the test loss
  double final_kl_weight = 0;        // λ of the validation loss, comparable while λ rises
  double seconds = 0;                // of the run
  double samples_per_second = 0;     // of the epoch's training steps alone
};

// The validation loss has not improved for the plan's patience.
struct Stopped {
  std::int64_t epochs_waited = 0;
  std::int64_t best_epoch = 0;
};

// A loss was not finite; an earlier state with a finite loss was restored.
struct Diverged {
  enum class Loss { training, test, validation };
  Loss loss = Loss::training;
  double value = 0;
  std::int64_t step = 0;     // where it happened
  std::int64_t back_at = 0;  // the step of the restored weights
};

using LoopEvent = std::variant<StepTaken, EpochMeasured, Stopped, Diverged>;
using LoopEvents = std::vector<LoopEvent>;

// How far one TrainingLoop::advance() may go.
struct Budget {
  int most_steps = 0;                // as StepSettings::most_steps
  std::function<bool()> go_on = {};  // asked between the pieces of an evaluation; empty: yes
};

// The task for a trainer of this plan. start: weights to begin with, or null. ranks: that share
// each batch; null: this process alone.
TrainingTask task_of(const RunPlan& plan, std::shared_ptr<const Dataset> data,
                     FrozenModelPtr start = nullptr, std::shared_ptr<Ranks> ranks = nullptr);

// A training run: steps, measured epochs, validation, early stopping, recovery from a loss that is
// not finite. Its driver decides when it goes on and shows the events. Interruptions change nothing
// in the run. Used by one thread only.
class TrainingLoop {
 public:
  // plan: its spec is fitted to the data. trainer: made for task_of(plan, data). ranks: those of
  // the task. All of them advance together, each measures its part of an epoch, and all report the
  // same.
  TrainingLoop(RunPlan plan, std::unique_ptr<Trainer> trainer, std::shared_ptr<const Dataset> data,
               std::shared_ptr<Ranks> ranks = nullptr);

  // Takes a step, or measures the epoch that has ended until that is done or the budget is spent.
  // Returns what happened. Passes on exceptions of trainer and model; no step is lost then.
  Expected<LoopEvents> advance(const Budget& budget = {});

  // An epoch has ended and must be measured before the next step.
  bool is_measuring() const;

  // The plan is fulfilled; the run may still go on.
  bool is_over() const;

  const RunPlan& plan() const { return plan_; }
  const Trainer& trainer() const { return *trainer_; }
  TrainingPosition position() const { return trainer_->position(); }
  const Indices& train_rows() const { return rows_.train; }  // null: the whole split
  std::int64_t steps_per_epoch() const;
  double seconds() const { return state_.seconds; }  // spent in advance(), over all breaks
  double samples_per_second() const;                 // of this epoch's steps so far; 0: none yet

  // Of the newest step, or of the first one before it is taken.
  const StepSettings& settings() const { return settings_; }
  const KlSchedule& schedule() const { return schedule_; }  // of plan().settings.kl_weight

  // Takes effect with the next step. settings.kl_weight: the final λ of the schedule; when it
  // changes, early stopping starts again, since losses with different λ are not comparable.
  void change(const StepSettings& settings, const KlSchedule& schedule);

  // The weights to keep, with their record (without the range of the codes): the best ones if rows
  // are held out, else the present ones.
  std::pair<FrozenModelPtr, RunRecord> result() const;
  RunRecord record() const;  // of the present weights

  // After Stopped: makes the best weights the present ones, so that training may go on from them.
  // The position stays, and patience starts again. False, and nothing changed: the run came from a
  // checkpoint, which has no moments of those weights.
  bool bring_best_back();

  // Everything that the rest of the run depends on. Checkpoint::run: a JSON object.
  Checkpoint state() const;
  Expected<void> restore(const Checkpoint& checkpoint);

  // The newest state that recovery would bring back, once there is a step after it; each is given
  // once. Copies nothing.
  FullStatePtr take_full_state();

 private:
  using Clock = std::chrono::steady_clock;

  // The best weights by the validation loss.
  struct Best {
    FrozenModelPtr model;                       // null: none yet
    std::shared_ptr<const TrainerState> state;  // null: not known, or not needed
    std::int64_t epoch = 0;
    double kl_weight = 0;  // of their last step
    Losses test = kNotMeasured;
  };
  // What a checkpoint keeps in addition to the trainer's state.
  struct State {
    LossSums epoch;                 // the steps of the epoch under way or being measured
    LossSums test, validation;      // the measurement so far
    std::int64_t timed_inputs = 0;  // inputs of the epoch's steps …
    double timed_seconds = 0;       // … and the time for them
    EarlyStopping stopping;
    Best best;
    Losses test_losses = kNotMeasured;  // of the weights at step tested_at
    std::int64_t tested_at = -1;
    double seconds = 0;
  };
  // A state that gave a finite loss.
  struct Good {
    std::shared_ptr<const TrainerState> trainer;  // null: none yet
    std::int64_t step = 0;
    State state;
  };
  // λ at the end of the epoch: it may be changed while the epoch is measured.
  struct KlWeights {
    double kl_weight = 0;
    double final_kl_weight = 0;
  };

  LoopEvents step(const Budget& budget);
  void follow_schedules(int most_steps);
  std::optional<Good> copy_if_due();
  std::string memory_of(const State& state) const;  // as Checkpoint::run
  LoopEvents recover(Diverged::Loss loss, double value, std::int64_t step);
  void begin_measuring();
  Expected<LoopEvents> measure(const Budget& budget);
  Expected<bool> measure_part(LossSums& sums, SplitName split, const Indices& rows,
                              std::int64_t count, const Budget& budget);
  LoopEvents finish_epoch();
  void forget_best();
  RunRecord record_of_run() const;  // what is the same for all of its weights
  RunRecord record_of(const Best& best) const;
  std::int64_t rows_to_learn() const;

  RunPlan plan_;
  std::unique_ptr<Trainer> trainer_;
  std::shared_ptr<const Dataset> data_;
  std::shared_ptr<Ranks> ranks_;  // null: this process alone
  ValidationSplit rows_;          // null: none are held out
  KlSchedule schedule_;
  StepSettings settings_;
  State state_;
  FrozenModelPtr measured_;           // null: no epoch is measured, or it continues after a restore
  KlWeights measured_at_;             // likewise
  std::optional<Best> brought_back_;  // the present weights are these
  Good good_;
  bool good_is_given_ = false;  // by take_full_state()
  Clock::time_point good_due_;  // the next copy
  Clock::time_point began_;     // the present advance()
};

}  // namespace zscape
