#include "app/cli/train_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <utility>

#include "app/cli/epoch_report.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "engine/code_range.h"

namespace zscape {
namespace {

constexpr std::int64_t kCodesForRange = 5000;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string in_folder(const std::string& folder, const char* name) {
  return (std::filesystem::path(folder) / name).string();
}

Json to_json(const Losses& losses) {
  return {number_or_null(losses.loss), number_or_null(losses.reconstruction),
          number_or_null(losses.kl), number_or_null(losses.mse)};
}

Losses losses_from(const Json& values) {
  const auto number = [&values](std::size_t i) {
    return values.at(i).is_number() ? values.at(i).get<double>() : kNotMeasured.loss;
  };
  return {number(0), number(1), number(2), number(3)};
}

Indices first_rows(const Indices& rows, std::int64_t count) {
  const auto end = std::min<std::int64_t>(count, static_cast<std::int64_t>(rows->size()));
  return std::make_shared<const std::vector<std::int64_t>>(rows->begin(), rows->begin() + end);
}

}  // namespace

void TrainRun::EpochSums::add(const Losses& step, std::int64_t batch) {
  const auto weight = static_cast<double>(batch);
  losses.loss += weight * step.loss;
  losses.reconstruction += weight * step.reconstruction;
  losses.kl += weight * step.kl;
  inputs += batch;
}

Losses TrainRun::EpochSums::means() const {
  const auto count = static_cast<double>(inputs);
  return {losses.loss / count, losses.reconstruction / count, losses.kl / count, kNotMeasured.mse};
}

TrainRun::TrainRun(const TrainOptions& options, std::shared_ptr<const Dataset> data,
                   Backend& backend, Console& console)
    : options_(options),
      data_(std::move(data)),
      backend_(backend),
      console_(console),
      progress_(console),
      rows_(hold_out(data_->train.count, options.plan.hold_out.rows, options.plan.seed)) {
  const auto count = static_cast<std::int64_t>(rows_.train->size());
  const std::int64_t batch = std::min<std::int64_t>(options.plan.settings.batch_size, count);
  steps_per_epoch_ = options.plan.spec.is_linear() ? 1 : (count + batch - 1) / batch;
  schedule_ = options.plan.schedule.in_steps(options.plan.epochs, steps_per_epoch_);
  stopping_.patience = options.plan.hold_out.patience;
}

Outcome<void> TrainRun::begin(const Checkpoint* checkpoint) {
  auto trainer = backend_.make_trainer({.spec = options_.plan.spec,
                                        .data = data_,
                                        .rows = rows_.train,
                                        .seed = options_.plan.seed,
                                        .start = nullptr});
  if (!trainer) return failed(trainer.error().message);
  trainer_ = std::move(*trainer);
  if (checkpoint == nullptr) return {};
  if (auto restored = trainer_->restore(checkpoint->state); !restored) {
    return failed(fmt::format("{}: {}", options_.resume, restored.error().message));
  }
  best_ = checkpoint->best;
  if (auto remembered = remember(checkpoint->run); !remembered) {
    return failed(fmt::format("{}: {}", options_.resume, remembered.error().message));
  }
  return {};
}

bool TrainRun::is_over() const {
  return trainer_->position().epoch >= options_.plan.epochs || trainer_->finished() ||
         stopping_.should_stop();
}

double TrainRun::seconds() const {
  return seconds_before_ + seconds_since(start_);
}

StepSettings TrainRun::settings() const {
  StepSettings settings = options_.plan.settings;
  const std::int64_t step = trainer_->position().step;
  settings.kl_weight *= schedule_.factor(step);
  const bool changes = schedule_.changes_after(step) || options_.plan.last_learning_rate > 0;
  settings.most_steps = changes ? 1 : 0;
  if (options_.plan.last_learning_rate > 0) {
    const double done =
        static_cast<double>(step) / static_cast<double>(options_.plan.epochs * steps_per_epoch_);
    settings.learning_rate *=
        std::pow(options_.plan.last_learning_rate / options_.plan.settings.learning_rate, done);
  }
  return settings;
}

Outcome<void> TrainRun::train() {
  start_ = Clock::now();
  if (!options_.json) {
    console_.out << epoch_table_header(options_.plan.hold_out.rows > 0) << std::endl;
  }
  while (!is_over() && !interrupted()) {
    if (auto done = train_epoch(); !done) return done;
  }
  progress_.clear();
  if (stopping_.should_stop()) {
    console_.err << fmt::format(
                        "stopped: no better validation loss for {} epochs; epoch {} is kept",
                        stopping_.epochs_since_best, best_epoch_)
                 << std::endl;
  }
  if (interrupted() && !options_.checkpoint.empty()) {
    if (auto saved = save_checkpoint(); !saved) return saved;
  }
  if (!options_.out.empty()) {
    if (auto saved = save_model(options_.out); !saved) return saved;
    console_.err << "saved " << options_.out << std::endl;
  }
  return {};
}

// Up to the end of the epoch and its report, or to Ctrl-C.
Outcome<void> TrainRun::train_epoch() {
  const std::int64_t epoch = trainer_->position().epoch;
  const std::int64_t inputs_before = sums_.inputs;  // an epoch that goes on after a break
  const Clock::time_point began = Clock::now();
  if (auto trained = train_steps(epoch, began); !trained) return trained;
  if (trainer_->position().epoch == epoch) return {};  // interrupted
  return finish_epoch(seconds_since(began), sums_.inputs - inputs_before);
}

Outcome<void> TrainRun::train_steps(std::int64_t epoch, Clock::time_point began) {
  const std::int64_t inputs_before = sums_.inputs;
  const auto count = static_cast<std::int64_t>(rows_.train->size());
  while (trainer_->position().epoch == epoch && !interrupted()) {
    const std::int64_t seen = trainer_->position().seen_in_epoch;
    const Losses losses = trainer_->step(settings());
    if (!std::isfinite(losses.loss)) return diverged("the loss");
    const TrainingPosition position = trainer_->position();
    sums_.add(losses, (position.epoch > epoch ? count : position.seen_in_epoch) - seen);
    if (progress_.is_due()) show_progress(epoch, losses, began, inputs_before);
  }
  return {};
}

Outcome<void> TrainRun::finish_epoch(double training_seconds, std::int64_t inputs) {
  const FrozenModelPtr model = trainer_->freeze();
  EpochReport report;
  report.epoch = trainer_->position().epoch;
  report.step = trainer_->position().step;
  report.train = sums_.means();
  report.kl_weight = options_.plan.settings.kl_weight * schedule_.factor(report.step - 1);
  report.samples_per_second = static_cast<double>(inputs) / training_seconds;
  if (data_->test.count > 0) {
    const Outcome<Losses> test = losses_of(*model, SplitName::test, nullptr);
    if (!test && interrupted()) return {};  // the epoch is complete, its report is not
    if (!test) return tl::unexpected(test.error());
    report.test = test_ = *test;
    measured_at_ = report.step;
  }
  if (options_.plan.hold_out.rows > 0) {
    const Outcome<Losses> losses = losses_of(*model, SplitName::train, rows_.validation);
    if (!losses && interrupted()) return {};
    if (!losses) return tl::unexpected(losses.error());
    report.validation_loss = losses->loss;
    if (stopping_.observe(losses->loss)) {
      best_ = model;
      best_epoch_ = report.epoch;
      best_test_ = test_;
    }
  }
  sums_ = {};
  report.seconds = seconds();
  progress_.clear();  // both streams may be the same terminal
  console_.out << (options_.json ? to_json_line(report) : to_table_row(report)) << std::endl;
  progress_.plain_line(fmt::format("epoch {}/{}: loss {:.2f}, test loss {:.2f}, {} samples/s",
                                   report.epoch, options_.plan.epochs, report.train.loss,
                                   report.test.loss,
                                   grouped(std::llround(report.samples_per_second))));
  if (options_.checkpoint.empty()) return {};
  if (report.epoch % options_.checkpoint_every != 0 && !is_over()) return {};
  return save_checkpoint();
}

// With the final λ: losses under a rising one do not compare.
Outcome<Losses> TrainRun::losses_of(const FrozenModel& model, SplitName split,
                                    const Indices& rows) {
  const EvaluationSettings at = {
      split == SplitName::test
          ? options_.plan.settings.kl_weight * schedule_.factor(trainer_->position().step - 1)
          : options_.plan.settings.kl_weight,
      options_.plan.seed, std::nullopt};
  const auto losses = model.evaluate(*data_, split, rows, at, until_interrupted());
  if (!losses) return ended_by(losses.error());
  if (!std::isfinite(losses->loss)) return diverged("the test loss");
  return *losses;
}

tl::unexpected<Failure> TrainRun::diverged(std::string_view what) const {
  return failed(
      fmt::format("training diverged at step {}: {} is not finite; a learning rate "
                  "(--lr) below {} may help",
                  trainer_->position().step, what, options_.plan.settings.learning_rate));
}

// epoch: the one under way, from 0 on; the trainer may have completed it just now.
void TrainRun::show_progress(std::int64_t epoch, const Losses& losses, Clock::time_point began,
                             std::int64_t inputs_before) {
  const std::int64_t steps = trainer_->position().step;
  const std::int64_t step = steps - epoch * steps_per_epoch_;
  const std::int64_t left = options_.plan.epochs * steps_per_epoch_ - steps;
  const double per_second =
      static_cast<double>(sums_.inputs - inputs_before) / seconds_since(began);
  const double eta = seconds() / static_cast<double>(steps) * static_cast<double>(left);
  progress_.show(fmt::format("epoch {}/{}", epoch + 1, options_.plan.epochs),
                 static_cast<double>(step) / static_cast<double>(steps_per_epoch_),
                 fmt::format("{}/{}  loss {:.2f}  {} samples/s  ETA {}", step, steps_per_epoch_,
                             losses.loss, grouped(std::llround(per_second)), duration_text(eta)));
}

Outcome<void> TrainRun::save_model(const std::string& path) {
  const FrozenModelPtr model = best_ ? best_ : trainer_->freeze();
  const TrainingPosition position = trainer_->position();
  RunRecord record;
  record.data = data_->name;
  record.seed = options_.plan.seed;
  record.epochs = best_ ? best_epoch_ : position.epoch;
  record.steps = model->step();
  record.kl_weight = options_.plan.settings.kl_weight;
  // Figures of earlier weights would be false.
  record.test = best_ ? best_test_ : measured_at_ == position.step ? test_ : kNotMeasured;
  const auto codes =
      model->encode(*data_, SplitName::train, first_rows(rows_.train, kCodesForRange));
  if (!codes) return failed(codes.error().message);
  record.codes = central_range(*codes);
  const auto saved = backend_.save_model(*model, record, path);
  if (!saved) return failed(saved.error().message);
  return {};
}

Outcome<void> TrainRun::save_checkpoint() {
  const Checkpoint checkpoint{options_.plan.spec, *trainer_->state(), best_, memory()};
  const auto saved = backend_.save_checkpoint(
      checkpoint, in_folder(options_.checkpoint, "checkpoint.safetensors"));
  if (!saved) return failed(saved.error().message);
  return save_model(in_folder(options_.checkpoint, "model.safetensors"));
}

std::string TrainRun::memory() const {
  RunPlan decided = options_.plan;
  decided.compute.threads = backend_.threads();
  Json memory;
  memory["arguments"] = deciding_arguments(decided);
  memory["data_checksum"] = backend_.checksum(*data_);
  memory["lambda"] = settings().kl_weight;
  memory["epoch_sums"] = to_json(sums_.losses);
  memory["epoch_inputs"] = sums_.inputs;
  memory["best_validation_loss"] = number_or_null(stopping_.best);
  memory["epochs_since_best"] = stopping_.epochs_since_best;
  memory["best_epoch"] = best_epoch_;
  memory["best_test"] = to_json(best_test_);
  memory["test"] = to_json(test_);
  memory["measured_at"] = measured_at_;
  memory["seconds"] = seconds();
  return one_line(memory);
}

Expected<void> TrainRun::remember(const std::string& text) {
  try {
    const Json memory = Json::parse(text);
    if (memory.at("data_checksum").get<std::uint32_t>() != backend_.checksum(*data_)) {
      return fail(fmt::format("its run learned from other data than {} holds now; name the same",
                              data_->source));
    }
    sums_.losses = losses_from(memory.at("epoch_sums"));
    sums_.losses.mse = 0;
    sums_.inputs = memory.at("epoch_inputs").get<std::int64_t>();
    if (const Json& best = memory.at("best_validation_loss"); best.is_number()) {
      stopping_.best = best.get<double>();
    }
    stopping_.epochs_since_best = memory.at("epochs_since_best").get<std::int64_t>();
    best_epoch_ = memory.at("best_epoch").get<std::int64_t>();
    best_test_ = losses_from(memory.at("best_test"));
    test_ = losses_from(memory.at("test"));
    measured_at_ = memory.at("measured_at").get<std::int64_t>();
    seconds_before_ = memory.at("seconds").get<double>();
  } catch (const Json::exception& error) {
    return fail(fmt::format("its memory of the run cannot be read: {}", error.what()));
  }
  return {};
}

}  // namespace zscape
