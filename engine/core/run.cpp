#include "engine/core/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "engine/random.h"

namespace zscape {
namespace {

constexpr int kStepsPerTrainPoint = 5;
// A copy of weights and moments costs about a step's time on the CPU, and that of hundreds on a
// GPU: it may take 1/40 of the time at most.
constexpr int kStepsPerGoodState = 200;
constexpr int kGoodStateShare = 40;
constexpr auto kSpeedWindow = std::chrono::milliseconds(500);

// After a refresh of the codes the next one waits for kCodesShare times what it cost (2.5 % of the
// time), within these bounds. Above a tenth of the time (kLargestCodesShare) the sample shrinks,
// and where that is not enough the codes come more rarely.
constexpr int kCodesShare = 40;
constexpr int kLargestCodesShare = 10;
constexpr auto kShortestCodesInterval = std::chrono::milliseconds(200);
constexpr auto kLongestCodesInterval = std::chrono::milliseconds(480);
constexpr auto kUnwatchedPause = std::chrono::milliseconds(1500);
constexpr auto kTestSampleInterval = std::chrono::milliseconds(2000);
constexpr std::int64_t kSmallestSample = 500;

Indices sample_indices(std::int64_t count, std::int64_t wanted, std::uint64_t counter) {
  // Not of the run's seed: the same inputs are shown for every model of this data.
  auto order = permutation(count, 0, Stream::evaluation, counter);
  order.resize(static_cast<std::size_t>(std::min(count, wanted)));
  std::ranges::sort(order);
  return std::make_shared<const std::vector<std::int64_t>>(std::move(order));
}

// Evenly spread over the sample; all of it for share 1.
Indices part_of(const Indices& sample, double share) {
  const auto wanted = std::max<std::int64_t>(
      kSmallestSample, std::llround(static_cast<double>(sample->size()) * share));
  const auto count = static_cast<std::int64_t>(sample->size());
  if (wanted >= count) return sample;
  std::vector<std::int64_t> part;
  part.reserve(static_cast<std::size_t>(wanted));
  for (std::int64_t i = 0; i < wanted; ++i) {
    part.push_back((*sample)[static_cast<std::size_t>(i * count / wanted)]);
  }
  return std::make_shared<const std::vector<std::int64_t>>(std::move(part));
}

}  // namespace

Run::Run(ModelId id, Backend& backend, const EngineOptions& options)
    : backend_(backend), options_(options) {
  view_.id = id;
}

Expected<void> Run::begin(const ModelSpec& spec, std::shared_ptr<const Dataset> data,
                          FrozenModelPtr start) {
  ValidationSplit split;  // null: all rows to learn from
  if (view_.next_hold_out.rows > 0) {
    split = hold_out(data->train.count, view_.next_hold_out.rows, view_.next_seed);
  }
  auto trainer = backend_.make_trainer({.spec = spec,
                                        .data = data,
                                        .rows = split.train,
                                        .seed = view_.next_seed,
                                        .start = std::move(start)});
  if (!trainer) return tl::unexpected(trainer.error());
  trainer_ = std::move(*trainer);
  if (data_ != data) {
    data_ = std::move(data);
    train_sample_ = sample_indices(data_->train.count, options_.train_sample, 0);
    test_sample_ = sample_indices(data_->test.count, options_.test_sample, 1);
    train_indices_ = nullptr;
    set_sample_share(1);
  }

  if (!view_.curves.train.empty()) {
    view_.ghost = std::make_shared<Curves>(view_.curves);
    view_.ghost_spec = view_.spec;
  }
  view_.curves = {};
  window_sum_ = {};
  window_steps_ = 0;
  good_state_ = nullptr;
  test_sample_due_ = {};
  view_.decoded = nullptr;
  view_.decoded_grid = nullptr;
  view_.errors = nullptr;
  view_.reconstructed = nullptr;
  last_test_ = kNotMeasured;
  history_.clear();
  view_.hold_out = view_.next_hold_out;
  view_.train_rows = data_->train.count - view_.hold_out.rows;
  validation_rows_ = split.validation;
  forget_best();

  view_.spec = spec;
  view_.seed = view_.next_seed;
  view_.position = trainer_->position();
  view_.steps_before = view_.epochs_before = 0;
  view_.saved.step = view_.position.step;
  view_.kl_schedule.first_step = view_.position.step;  // a schedule begins anew with its run
  follow_schedule();
  view_.samples_per_second = 0;
  seconds_before_ = 0;
  started_ = Clock::now();
  if (view_.state == RunState::loading) view_.state = RunState::paused;
  if (start_when_ready_) this->start();
  start_when_ready_ = false;
  speed_since_ = Clock::now();
  speed_samples_ = 0;
  refresh();
  return {};
}

void Run::take_settings_of(const Run& other) {
  const ModelView& view = other.view_;
  const bool has_begun = other.trainer_ != nullptr;
  view_.next_seed = has_begun ? view.seed : view.next_seed;
  view_.next_hold_out = has_begun ? view.hold_out : view.next_hold_out;
  view_.settings = view.settings;
  view_.kl_schedule = view.kl_schedule;
  view_.final_kl_weight = view.final_kl_weight;
  start_when_ready_ = other.start_when_ready_ || view.state == RunState::running;
}

void Run::share_time_with(int runs, double largest_part) {
  sharing_ = runs;
  if (largest_part == largest_part_) return;
  largest_part_ = largest_part;
  if (train_sample_) set_sample_share(affordable_part_);
}

void Run::start() {
  if (view_.state == RunState::loading) {
    start_when_ready_ = true;
    return;
  }
  if (!can_start(view_.state)) return;
  view_.state = RunState::running;
  started_ = Clock::now();
  speed_since_ = Clock::now();
  speed_samples_ = 0;
}

void Run::pause() {
  start_when_ready_ = false;
  if (!can_pause(view_.state)) return;
  seconds_before_ = seconds();
  view_.state = RunState::paused;
  view_.samples_per_second = 0;
  flush_train_point();
}

void Run::set_kl_weight(double kl_weight) {
  view_.kl_schedule = {};
  if (view_.final_kl_weight != kl_weight) forget_best();  // losses of another λ do not compare
  view_.final_kl_weight = kl_weight;
  if (view_.settings.kl_weight == kl_weight) return;
  view_.settings.kl_weight = kl_weight;
  mark_kl_weight();
}

void Run::set_kl_schedule(const KlSchedule& schedule) {
  view_.kl_schedule = schedule;
  follow_schedule();
  mark_kl_weight();
}

void Run::follow_schedule() {
  const KlSchedule& schedule = view_.kl_schedule;
  view_.settings.kl_weight = view_.final_kl_weight * schedule.factor(view_.position.step);
  // One by one also where one was asked for, and where two models shall see the same batches.
  const bool alone = view_.state == RunState::running && sharing_ == 1;
  view_.settings.most_steps = alone && !schedule.changes_after(view_.position.step) ? 0 : 1;
}

void Run::mark_kl_weight() {
  auto& marks = view_.curves.marks;
  const KlWeightMark mark{view_.position.step, view_.settings.kl_weight};
  if (!marks.empty() && marks.back().step == mark.step) {
    marks.back() = mark;
  } else {
    marks.push_back(mark);
  }
}

Expected<void> Run::train_step() {
  std::shared_ptr<const TrainerState> before;
  const auto began = Clock::now();
  if (!good_state_ ||
      (view_.position.step - good_step_ >= kStepsPerGoodState && began >= good_due_)) {
    before = trainer_->state();
    const auto ended = Clock::now();
    good_due_ = ended + kGoodStateShare * (ended - began);
  }
  follow_schedule();
  const Losses losses = trainer_->step(view_.settings);
  brought_back_.reset();
  if (!std::isfinite(losses.loss)) return tl::unexpected(recover(losses));
  if (before) {
    good_state_ = std::move(before);
    good_step_ = view_.position.step;
  }

  const TrainingPosition was = view_.position;
  view_.position = trainer_->position();
  // Codes of the whole splits belong to the weights before this step.
  view_.train_codes = nullptr;
  view_.test_codes = nullptr;
  window_sum_.loss += losses.loss;
  window_sum_.reconstruction += losses.reconstruction;
  window_sum_.kl += losses.kl;
  if (++window_steps_ == kStepsPerTrainPoint || view_.state == RunState::paused) {
    flush_train_point();
  }

  const bool epoch_done = view_.position.epoch != was.epoch;
  const std::int64_t seen = epoch_done ? view_.train_rows - was.seen_in_epoch
                                       : view_.position.seen_in_epoch - was.seen_in_epoch;
  measure_speed(seen);
  if (epoch_done) evaluate_epoch();
  if (trainer_->finished()) pause();
  if (epoch_done && stopping_.should_stop()) bring_best_back();
  return {};
}

void Run::measure_speed(std::int64_t seen) {
  speed_samples_ += seen;
  const std::chrono::duration<double> elapsed = Clock::now() - speed_since_;
  if (view_.state != RunState::running || elapsed < kSpeedWindow) return;
  view_.samples_per_second = static_cast<double>(speed_samples_) / elapsed.count();
  speed_samples_ = 0;
  speed_since_ = Clock::now();
}

void Run::flush_train_point() {
  if (window_steps_ == 0) return;
  const Losses mean{window_sum_.loss / window_steps_, window_sum_.reconstruction / window_steps_,
                    window_sum_.kl / window_steps_, 0};
  CurvePoint point = point_at(mean, view_.settings.kl_weight);
  point.mse = std::numeric_limits<float>::quiet_NaN();
  view_.curves.train.append(point);
  window_sum_ = {};
  window_steps_ = 0;
}

void Run::evaluate_epoch() {
  const FrozenModelPtr model = trainer_->freeze();
  const auto losses = model->evaluate(*data_, SplitName::test, nullptr, evaluation_settings());
  if (losses) {
    last_test_ = *losses;
    view_.curves.test.append(point_at(*losses, view_.settings.kl_weight));
  }
  if (validation_rows_) validate_epoch(*model);
}

// With the final λ: losses under a rising one do not compare.
void Run::validate_epoch(const FrozenModel& model) {
  EvaluationSettings settings = evaluation_settings();
  settings.kl_weight = view_.final_kl_weight;
  const auto losses = model.evaluate(*data_, SplitName::train, validation_rows_, settings);
  if (!losses) return;
  view_.curves.validation.append(point_at(*losses, settings.kl_weight));
  if (stopping_.observe(losses->loss) && view_.hold_out.patience > 0) {
    best_ = Best{trainer_->state(), view_.position, last_test_};
  }
}

// Stops with the weights of the best epoch. The run's position stays, so that training may go on
// from them with inputs in a new order.
void Run::bring_best_back() {
  const std::int64_t waited = stopping_.epochs_since_best;
  const std::optional<Best> best = std::exchange(best_, std::nullopt);
  if (view_.state == RunState::running) pause();
  forget_best();
  if (!best) return;
  TrainerState state = *best->state;
  state.position = view_.position;
  if (const auto restored = trainer_->restore(state); !restored) {
    stop_reason_ = restored.error().message;
    return;
  }
  brought_back_ = best->position;
  last_test_ = best->test;
  good_state_ = nullptr;
  stop_reason_ =
      fmt::format("stopped: no better validation loss for {} {}; the weights of epoch {} are back",
                  waited, waited == 1 ? "epoch" : "epochs", best->position.epoch);
}

void Run::forget_best() {
  stopping_ = EarlyStopping{.patience = validation_rows_ ? view_.hold_out.patience : 0};
  best_.reset();
}

CurvePoint Run::point_at(const Losses& losses, double kl_weight) const {
  CurvePoint point;
  point.step = view_.position.step;
  point.loss = static_cast<float>(losses.loss);
  point.reconstruction = static_cast<float>(losses.reconstruction);
  point.kl = static_cast<float>(losses.kl);
  point.mse = static_cast<float>(losses.mse);
  if (view_.spec.has_prior()) point.kl_weight = static_cast<float>(kl_weight);
  point.epoch = view_.position.epoch;
  point.seconds = static_cast<float>(seconds());
  point.samples_per_second = static_cast<float>(view_.samples_per_second);
  return point;
}

double Run::seconds() const {
  if (view_.state != RunState::running) return seconds_before_;
  return seconds_before_ + std::chrono::duration<double>(Clock::now() - started_).count();
}

Error Run::recover(const Losses& losses) {
  const std::int64_t failed_at = trainer_->position().step + 1;
  if (good_state_) {
    [[maybe_unused]] const auto restored = trainer_->restore(*good_state_);
    assert(restored);  // it was this trainer's own
  }
  view_.position = trainer_->position();
  for (Curve* curve : {&view_.curves.train, &view_.curves.test, &view_.curves.test_sample,
                       &view_.curves.validation}) {
    curve->drop_after(view_.position.step);
  }
  std::erase_if(view_.curves.marks,
                [&](const KlWeightMark& mark) { return mark.step > view_.position.step; });
  history_.drop_after(view_.position.step);
  view_.history = history_.moments();
  window_sum_ = {};
  window_steps_ = 0;
  seconds_before_ = seconds();
  view_.state = RunState::paused;
  view_.samples_per_second = 0;
  return {
      fmt::format("the loss became {} at step {} (learning rate {}, λ {}): training is paused "
                  "and the weights of step {} are back; try a smaller learning rate or λ",
                  losses.loss, failed_at, view_.settings.learning_rate, view_.settings.kl_weight,
                  view_.position.step)};
}

void Run::refresh_weights() {
  if (trainer_ && (!view_.weights || view_.weights->step() != view_.position.step)) {
    view_.weights = trainer_->freeze();
  }
}

void Run::refresh_codes_if_due(bool watched) {
  const auto due = watched ? codes_due_ : codes_due_ + kUnwatchedPause;
  if (!trainer_ || Clock::now() < due) return;
  refresh_weights();
  if (view_.train_sample && view_.train_sample->revision == view_.weights->revision()) return;
  refresh_codes();
}

void Run::refresh() {
  if (!trainer_) return;
  view_.weights = trainer_->freeze();
  refresh_codes();
}

void Run::refresh_codes() {
  const auto began = Clock::now();
  auto train = view_.weights->encode(*data_, SplitName::train, train_indices_);
  auto test = view_.weights->encode(*data_, SplitName::test, test_indices_);
  if (train) view_.train_sample = std::make_shared<const Codes>(std::move(*train));
  if (test) view_.test_sample = std::make_shared<const Codes>(std::move(*test));
  if (train && test) remember();
  if (began >= test_sample_due_) {
    evaluate_sample();
    test_sample_due_ = began + kTestSampleInterval * sharing_;
  }

  const auto ended = Clock::now();
  // Of the time of all runs.
  const Clock::duration cost = (ended - began) * sharing_;
  codes_due_ =
      ended + std::max(std::clamp<Clock::duration>(cost * kCodesShare, kShortestCodesInterval,
                                                   kLongestCodesInterval),
                       cost * kLargestCodesShare);
  const auto largest_cost = Clock::duration(kLongestCodesInterval) / kLargestCodesShare;
  if (cost > largest_cost) {
    const double factor = std::chrono::duration<double>(largest_cost) / cost;
    set_sample_share(sample_share_ * factor);
  } else if (sample_share_ < 1 && cost < largest_cost / 2) {
    set_sample_share(std::max(sample_share_ * 1.5, affordable_part_));
  }
}

void Run::remember() {
  Moment moment;
  moment.position = view_.position;
  moment.kl_weight = view_.settings.kl_weight;
  if (!view_.curves.train.empty()) {
    const CurvePoint& point = view_.curves.train.back();
    moment.training = {point.loss, point.reconstruction, point.kl, kNotMeasured.mse};
  }
  moment.decoder = view_.weights->half_precision_decoder();
  moment.train_sample = view_.train_sample;
  moment.test_sample = view_.test_sample;
  history_.add(std::make_shared<const Moment>(std::move(moment)));
  view_.history = history_.moments();
}

void Run::evaluate_sample() {
  const Curve& known = view_.curves.test_sample;
  if (!known.empty() && known.back().step >= view_.position.step) return;
  const auto losses =
      view_.weights->evaluate(*data_, SplitName::test, test_indices_, evaluation_settings());
  if (losses) {
    view_.curves.test_sample.append(point_at(*losses, view_.settings.kl_weight));
  }
}

void Run::set_sample_share(double share) {
  affordable_part_ = std::clamp(share, 0.1, 1.0);
  const double part = std::min(affordable_part_, largest_part_);
  if (train_indices_ && part == sample_share_) return;  // points of the same rows glide
  sample_share_ = part;
  train_indices_ = part_of(train_sample_, sample_share_);
  test_indices_ = part_of(test_sample_, sample_share_);
}

void Run::accept_full_codes(const FrozenModelPtr& weights, CodesPtr train, CodesPtr test) {
  if (view_.state != RunState::paused || weights != view_.weights) return;
  view_.train_codes = std::move(train);
  view_.test_codes = std::move(test);
}

CodesPtr Run::shown_codes(SplitName split) const {
  const bool train = split == SplitName::train;
  const CodesPtr& whole = train ? view_.train_codes : view_.test_codes;
  return whole ? whole : train ? view_.train_sample : view_.test_sample;
}

}  // namespace zscape
