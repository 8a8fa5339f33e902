#include "engine/training/loop.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/json_text.h"
#include "engine/rows_at_once.h"
#include "engine/sequences.h"
#include "engine/text.h"
#include "engine/training/parameters.h"

namespace zscape {
namespace {

using Json = nlohmann::ordered_json;

// Copying weights and moments takes as long as one step on the CPU, or hundreds on a GPU. It may
// take 1/40 of the time.
constexpr int kStepsPerGoodState = 200;
constexpr int kGoodStateShare = 40;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// JSON has no NaN; it becomes null.
Json to_json(const Losses& losses) {
  return {losses.loss, losses.reconstruction, losses.kl, losses.mse};
}

Losses losses_from(const Json& values) {
  const auto number = [&values](std::size_t i) {
    return values.at(i).is_number() ? values.at(i).get<double>() : kNotMeasured.loss;
  };
  return {number(0), number(1), number(2), number(3)};
}

void put_sums(Json& memory, const std::string& name, const LossSums& sums) {
  memory[name + "_sums"] = to_json(sums.losses);
  memory[name + "_inputs"] = sums.inputs;
}

LossSums sums_from(const Json& memory, const std::string& name) {
  LossSums sums;
  if (!memory.contains(name + "_inputs")) return sums;
  sums.inputs = count_from(memory.at(name + "_inputs"));
  sums.losses = losses_from(memory.at(name + "_sums"));
  return sums;
}

constexpr std::array kScheduleKinds = {"constant", "warmup", "cyclic"};  // as KlSchedule::Kind

Json to_json(const KlSchedule& schedule) {
  return {kScheduleKinds[static_cast<std::size_t>(schedule.kind)], schedule.steps, schedule.cycles,
          schedule.first_step};
}

KlSchedule schedule_from(const Json& values) {
  const auto kind = std::ranges::find(kScheduleKinds, values.at(0).get<std::string>());
  if (kind == kScheduleKinds.end()) return {};
  return {static_cast<KlSchedule::Kind>(kind - kScheduleKinds.begin()), values.at(1).get<double>(),
          whole_from<int>(values.at(2)), count_from(values.at(3))};
}

ValidationSplit rows_of(const RunPlan& plan, const Dataset& data) {
  if (plan.hold_out.rows == 0) return {};  // learn from all rows
  return hold_out(sequence_count(data, SplitName::train), plan.hold_out.rows, plan.seed,
                  sequence_length(data));
}

// The rows of a measurement from `done` on that this rank measures: first, end.
std::pair<std::int64_t, std::int64_t> part_of(const Ranks& ranks, std::int64_t done,
                                              std::int64_t count) {
  constexpr std::int64_t kAtOnce = kRowsAtOnce;
  const std::int64_t pieces = (count - done + kAtOnce - 1) / kAtOnce;
  const auto border = [&](std::int64_t rank) {
    return std::min(count, done + kAtOnce * (pieces * rank / ranks.size()));
  };
  return {border(ranks.rank()), border(ranks.rank() + 1)};
}

// The first rows of a list; null: of the whole split.
Indices first_of(const Indices& rows, std::int64_t count) {
  std::vector<std::int64_t> first(static_cast<std::size_t>(count));
  if (rows) {
    std::copy_n(rows->begin(), count, first.begin());
  } else {
    std::iota(first.begin(), first.end(), 0);
  }
  return std::make_shared<const std::vector<std::int64_t>>(std::move(first));
}

}  // namespace

TrainingTask task_of(const RunPlan& plan, std::shared_ptr<const Dataset> data, FrozenModelPtr start,
                     std::shared_ptr<Ranks> ranks) {
  Indices rows = rows_of(plan, *data).train;
  return {plan.spec,        std::move(data),          std::move(rows), plan.seed,
          std::move(start), plan.settings.batch_size, std::move(ranks)};
}

TrainingLoop::TrainingLoop(RunPlan plan, std::unique_ptr<Trainer> trainer,
                           std::shared_ptr<const Dataset> data, std::shared_ptr<Ranks> ranks)
    : plan_(std::move(plan)),
      trainer_(std::move(trainer)),
      data_(std::move(data)),
      ranks_(std::move(ranks)),
      rows_(rows_of(plan_, *data_)),
      schedule_(plan_.schedule.in_steps(plan_.epochs, steps_per_epoch())) {
  if (rows_.validation) state_.stopping.patience = plan_.hold_out.patience;
  follow_schedules(0);
}

std::int64_t TrainingLoop::rows_to_learn() const {
  return data_->train.count - held_out_inputs(plan_.hold_out, *data_);
}

std::int64_t TrainingLoop::steps_per_epoch() const {
  if (plan_.spec.is_linear()) return 1;
  const std::int64_t rows = rows_to_learn();
  const std::int64_t batch = std::min<std::int64_t>(plan_.settings.batch_size, rows);
  return (rows + batch - 1) / batch;
}

double TrainingLoop::samples_per_second() const {
  if (state_.timed_inputs == 0) return 0;
  return static_cast<double>(state_.timed_inputs) / state_.timed_seconds;
}

bool TrainingLoop::is_measuring() const {
  return state_.epoch.inputs > 0 && position().seen_in_epoch == 0;
}

bool TrainingLoop::is_over() const {
  if (is_measuring()) return false;
  const bool is_last = plan_.epochs > 0 && position().epoch >= plan_.epochs;
  return is_last || trainer_->finished() || state_.stopping.should_stop();
}

Expected<LoopEvents> TrainingLoop::advance(const Budget& budget) {
  began_ = Clock::now();
  auto events = is_measuring() ? measure(budget) : step(budget);
  state_.seconds += seconds_since(began_);
  return events;
}

LoopEvents TrainingLoop::step(const Budget& budget) {
  auto copy = copy_if_due();
  follow_schedules(budget.most_steps);
  const TrainingPosition before = position();
  const auto began = Clock::now();
  const Losses losses = trainer_->step(settings_);
  brought_back_.reset();
  if (!std::isfinite(losses.loss)) {
    return recover(Diverged::Loss::training, losses.loss, position().step + 1);
  }
  if (copy) {
    good_ = *std::move(copy);
    good_is_given_ = false;
  }

  const TrainingPosition after = position();
  const bool has_ended = after.epoch != before.epoch;
  const std::int64_t inputs =
      (has_ended ? rows_to_learn() : after.seen_in_epoch) - before.seen_in_epoch;
  state_.epoch.add(losses, inputs);
  state_.timed_inputs += inputs;
  state_.timed_seconds += seconds_since(began);
  if (has_ended) begin_measuring();
  return {StepTaken{losses, inputs}};
}

void TrainingLoop::follow_schedules(int most_steps) {
  const std::int64_t step = position().step;
  settings_ = plan_.settings;
  settings_.kl_weight *= schedule_.factor(step);
  const bool changes = schedule_.changes_after(step) || plan_.last_learning_rate > 0;
  settings_.most_steps = changes ? 1 : most_steps;
  if (plan_.last_learning_rate > 0) {
    const double done =
        static_cast<double>(step) / static_cast<double>(plan_.epochs * steps_per_epoch());
    settings_.learning_rate *=
        std::pow(plan_.last_learning_rate / plan_.settings.learning_rate, done);
  }
}

void TrainingLoop::change(const StepSettings& settings, const KlSchedule& schedule) {
  const bool is_other_weight = settings.kl_weight != plan_.settings.kl_weight;
  if (is_other_weight) forget_best();
  if (settings.learning_rate != plan_.settings.learning_rate) plan_.last_learning_rate = 0;
  plan_.settings = settings;
  const StepSettings before = std::exchange(settings_, settings);
  settings_.kl_weight = before.kl_weight;
  settings_.most_steps = before.most_steps;
  if (!is_other_weight && schedule == schedule_) return;
  schedule_ = schedule;
  settings_.kl_weight = settings.kl_weight * schedule.factor(position().step);
}

std::optional<TrainingLoop::Good> TrainingLoop::copy_if_due() {
  const auto began = Clock::now();
  const std::int64_t step = position().step;
  const bool is_due = step - good_.step >= kStepsPerGoodState && began >= good_due_;
  if (good_.trainer && !is_due) return std::nullopt;
  Good copy{trainer_->state(), step, state_};
  const auto ended = Clock::now();
  good_due_ = ended + kGoodStateShare * (ended - began);
  return copy;
}

LoopEvents TrainingLoop::recover(Diverged::Loss loss, double value, std::int64_t step) {
  if (good_.trainer) {
    [[maybe_unused]] const auto restored = trainer_->restore(*good_.trainer);
    assert(restored);  // it was this trainer's own
    const double seconds = state_.seconds;
    state_ = good_.state;
    state_.seconds = seconds;
    measured_ = nullptr;
    good_is_given_ = false;  // other settings may follow it now
  }
  return {Diverged{loss, value, step, position().step}};
}

void TrainingLoop::begin_measuring() {
  measured_ = trainer_->freeze();
  measured_at_ = {settings_.kl_weight, plan_.settings.kl_weight};
}

Expected<LoopEvents> TrainingLoop::measure(const Budget& budget) {
  if (!measured_) begin_measuring();
  auto done = measure_part(state_.test, SplitName::test, nullptr, data_->test.count, budget);
  if (done && *done && rows_.validation) {
    done = measure_part(state_.validation, SplitName::train, rows_.validation,
                        held_out_inputs(plan_.hold_out, *data_), budget);
  }
  if (!done) return tl::unexpected(done.error());
  return *done ? finish_epoch() : LoopEvents{};
}

// Adds the losses of the rows that the sums lack; true: none are missing any more.
Expected<bool> TrainingLoop::measure_part(LossSums& sums, SplitName split, const Indices& rows,
                                          std::int64_t count, const Budget& budget) {
  if (sums.inputs == count) return true;
  const EvaluationSettings settings{measured_at_.kl_weight, plan_.seed, std::nullopt};
  const Progress progress = [&](double) { return !budget.go_on || budget.go_on(); };
  if (!ranks_) {
    const auto added = measured_->add_losses(sums, *data_, split, rows, settings, progress);
    if (!added) return tl::unexpected(added.error());
    sums = *added;
    return sums.inputs == count;
  }
  const auto [first, end] = part_of(*ranks_, sums.inputs, count);
  LossSums mine;
  mine.inputs = first;
  if (first < end) {
    const auto added =
        measured_->add_losses(mine, *data_, split, first_of(rows, end), settings, progress);
    if (!added) return tl::unexpected(added.error());
    mine = *added;
  }
  std::array all = {mine.losses.reconstruction, mine.losses.kl, mine.losses.mse,
                    static_cast<double>(mine.inputs - first)};
  ranks_->sum(all);
  // Where one rank was stopped, none of their parts counts.
  if (all[3] < static_cast<double>(count - sums.inputs)) return false;
  sums.losses.reconstruction += all[0];
  sums.losses.kl += all[1];
  sums.losses.mse += all[2];
  sums.inputs = count;
  return true;
}

LoopEvents TrainingLoop::finish_epoch() {
  EpochMeasured report;
  report.epoch = position().epoch;
  report.step = position().step;
  report.train = state_.epoch.means();
  report.train.mse = kNotMeasured.mse;
  report.kl_weight = measured_at_.kl_weight;
  report.final_kl_weight = measured_at_.final_kl_weight;
  report.seconds = state_.seconds + seconds_since(began_);
  report.samples_per_second = samples_per_second();
  if (data_->test.count > 0) {
    report.test = state_.test.means(report.kl_weight);
    if (!std::isfinite(report.test.loss)) {
      return recover(Diverged::Loss::test, report.test.loss, report.step);
    }
    state_.test_losses = report.test;
    state_.tested_at = report.step;
  }
  if (rows_.validation) {
    report.validation = state_.validation.means(report.final_kl_weight);
    if (!std::isfinite(report.validation->loss)) {
      return recover(Diverged::Loss::validation, report.validation->loss, report.step);
    }
    // If λ was changed meanwhile, this loss belongs to the former λ.
    if (report.final_kl_weight == plan_.settings.kl_weight) {
      report.is_best = state_.stopping.observe(report.validation->loss);
    }
  }
  if (report.is_best) {
    const bool may_come_back = plan_.hold_out.patience > 0;
    state_.best = {measured_, may_come_back ? trainer_->state() : nullptr, report.epoch,
                   report.kl_weight, report.test};
  }
  state_.epoch = state_.test = state_.validation = {};
  state_.timed_inputs = 0;
  state_.timed_seconds = 0;
  measured_ = nullptr;
  LoopEvents events = {report};
  if (state_.stopping.should_stop()) {
    events.emplace_back(Stopped{state_.stopping.epochs_since_best, state_.best.epoch});
  }
  return events;
}

void TrainingLoop::forget_best() {
  state_.stopping = {.patience = state_.stopping.patience};
  state_.best = {};
}

bool TrainingLoop::bring_best_back() {
  if (!state_.best.state) return false;
  TrainerState state = *state_.best.state;
  state.position = position();
  if (!trainer_->restore(state)) return false;
  brought_back_ = state_.best;
  good_ = {};
  forget_best();
  return true;
}

RunRecord TrainingLoop::record_of_run() const {
  RunRecord record{.data = data_->name, .seed = plan_.seed, .codes = {}};
  record.pictures = data_->pictures;
  const KlSchedule planned = plan_.schedule.in_steps(plan_.epochs, steps_per_epoch());
  if (planned.kind != KlSchedule::Kind::constant && schedule_ == planned) {
    record.kl_schedule = parameter("lambda_schedule").value(plan_);
    record.final_kl_weight = plan_.settings.kl_weight;
  }
  return record;
}

RunRecord TrainingLoop::record() const {
  if (brought_back_) return record_of(*brought_back_);
  RunRecord record = record_of_run();
  record.epochs = position().epoch;
  record.steps = position().step;
  record.kl_weight = settings_.kl_weight;
  record.test = state_.test_losses;  // may be of earlier weights
  record.test_step = state_.tested_at;
  return record;
}

RunRecord TrainingLoop::record_of(const Best& best) const {
  RunRecord record = record_of_run();
  record.epochs = best.epoch;
  record.steps = record.test_step = best.model->step();
  record.kl_weight = best.kl_weight;
  record.test = best.test;
  return record;
}

std::pair<FrozenModelPtr, RunRecord> TrainingLoop::result() const {
  if (state_.best.model) return {state_.best.model, record_of(state_.best)};
  return {trainer_->freeze(), record()};
}

std::string TrainingLoop::memory_of(const State& state) const {
  Json memory;
  memory["lambda"] = settings_.kl_weight;
  memory["final_lambda"] = plan_.settings.kl_weight;
  memory["lambda_schedule"] = to_json(schedule_);
  put_sums(memory, "epoch", state.epoch);
  put_sums(memory, "test", state.test);
  put_sums(memory, "validation", state.validation);
  memory["timed_inputs"] = state.timed_inputs;
  memory["timed_seconds"] = state.timed_seconds;
  memory["best_validation_loss"] =
      std::isfinite(state.stopping.best) ? Json(state.stopping.best) : Json(nullptr);
  memory["epochs_since_best"] = state.stopping.epochs_since_best;
  memory["best_epoch"] = state.best.epoch;
  memory["best_lambda"] = state.best.kl_weight;
  memory["best_test"] = to_json(state.best.test);
  memory["test"] = to_json(state.test_losses);
  memory["measured_at"] = state.tested_at;
  memory["seconds"] = state.seconds;
  return memory.dump();
}

Checkpoint TrainingLoop::state() const {
  return {plan_.spec, *trainer_->state(), state_.best.model, memory_of(state_), state_.best.state};
}

FullStatePtr TrainingLoop::take_full_state() {
  const bool is_new = good_.trainer && !good_is_given_ && position().step > good_.step;
  if (!is_new) return nullptr;
  good_is_given_ = true;
  return std::make_shared<const FullState>(FullState{good_.step, good_.trainer,
                                                     memory_of(good_.state), good_.state.best.model,
                                                     good_.state.best.state});
}

Expected<void> TrainingLoop::restore(const Checkpoint& checkpoint) {
  State state;
  KlSchedule schedule = schedule_;
  double final_kl_weight = plan_.settings.kl_weight;
  // Older versions wrote no λ, which follows from the plan.
  const auto of_step = [&](std::int64_t step) {
    return final_kl_weight * schedule.factor(std::max<std::int64_t>(step - 1, 0));
  };
  double kl_weight = of_step(checkpoint.state.position.step);
  try {
    const Json memory = json_from<Json>(checkpoint.run);
    if (memory.contains("lambda_schedule")) {
      schedule = schedule_from(memory.at("lambda_schedule"));
      final_kl_weight = memory.at("final_lambda").get<double>();
      kl_weight = memory.at("lambda").get<double>();
    }
    state.epoch = sums_from(memory, "epoch");
    state.epoch.losses.mse = 0;
    state.test = sums_from(memory, "test");
    state.validation = sums_from(memory, "validation");
    state.timed_inputs = count_from(memory.value("timed_inputs", Json(0)));
    state.timed_seconds = memory.value("timed_seconds", state.timed_seconds);
    state.stopping.patience = state_.stopping.patience;
    if (const Json& best = memory.at("best_validation_loss"); best.is_number()) {
      state.stopping.best = best.get<double>();
    }
    state.stopping.epochs_since_best = count_from(memory.at("epochs_since_best"));
    state.best.model = checkpoint.best;
    state.best.state = checkpoint.best_state;
    state.best.epoch = count_from(memory.at("best_epoch"));
    state.best.test = losses_from(memory.at("best_test"));
    if (checkpoint.best) {
      state.best.kl_weight = memory.value("best_lambda", of_step(checkpoint.best->step()));
    }
    state.test_losses = losses_from(memory.at("test"));
    state.tested_at = whole_from<std::int64_t>(memory.at("measured_at"));
    state.seconds = memory.at("seconds").get<double>();
  } catch (const Json::exception& error) {
    return fail(tr("the checkpoint's memory of the run cannot be read: {}", error.what()));
  }
  const TrainingPosition& at = checkpoint.state.position;
  if (at.step < 0 || at.epoch < 0 || at.seen_in_epoch < 0 ||
      (at.seen_in_epoch > 0 && at.seen_in_epoch >= rows_to_learn())) {
    return fail(tr("the checkpoint has seen {} inputs of an epoch, which has {}", at.seen_in_epoch,
                   rows_to_learn()));
  }
  if (auto restored = trainer_->restore(checkpoint.state); !restored) return restored;
  state_ = std::move(state);
  schedule_ = schedule;
  plan_.settings.kl_weight = final_kl_weight;
  settings_.kl_weight = kl_weight;
  measured_ = nullptr;
  brought_back_.reset();
  good_ = {};
  return {};
}

}  // namespace zscape
