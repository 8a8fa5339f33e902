#include "engine/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/random.h"

namespace zscape {
namespace {

constexpr int kStepsPerTrainPoint = 5;
constexpr int kStepsPerGoodState = 200;  // a copy of weights and moments costs about a step's time
constexpr auto kSpeedWindow = std::chrono::milliseconds(500);

// After a refresh of the codes the next one waits for kCodesShare times what it cost (2.5 % of the
// time), within these bounds. Above a tenth of the time (kLargestCodesShare) the sample shrinks,
// and where that is not enough the codes come more rarely.
constexpr int kCodesShare = 40;
constexpr int kLargestCodesShare = 10;
constexpr auto kShortestCodesInterval = std::chrono::milliseconds(200);
constexpr auto kLongestCodesInterval = std::chrono::milliseconds(480);
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

CurvePoint point_at(std::int64_t step, const Losses& losses) {
  return {step, static_cast<float>(losses.loss), static_cast<float>(losses.reconstruction),
          static_cast<float>(losses.kl)};
}

}  // namespace

Run::Run(ModelId id, Backend& backend, const EngineOptions& options)
    : backend_(backend), options_(options) {
  view_.id = id;
}

Expected<void> Run::begin(const ModelSpec& spec, std::shared_ptr<const Dataset> data,
                          FrozenModelPtr start) {
  auto trainer = backend_.make_trainer({.spec = spec,
                                        .data = data,
                                        .rows = nullptr,
                                        .seed = view_.next_seed,
                                        .start = std::move(start)});
  if (!trainer) return fail(trainer.error().message);
  trainer_ = std::move(*trainer);
  if (data_ != data) {
    data_ = std::move(data);
    train_sample_ = sample_indices(data_->train.count, options_.train_sample, 0);
    test_sample_ = sample_indices(data_->test.count, options_.test_sample, 1);
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
  last_test_ = kNotMeasured;
  history_.clear();

  view_.spec = spec;
  view_.seed = view_.next_seed;
  view_.position = trainer_->position();
  view_.saved.step = view_.position.step;
  if (view_.state == RunState::loading) view_.state = RunState::paused;
  if (start_when_ready_) this->start();
  start_when_ready_ = false;
  speed_since_ = Clock::now();
  speed_samples_ = 0;
  refresh();
  return {};
}

void Run::accept_saved(const std::string& path, std::int64_t step, bool is_done) {
  SavedWeights& saved = view_.saved;
  ++saved.number;
  saved.is_done = is_done;
  saved.path = path;
  // A run begun meanwhile was not saved.
  if (is_done && step <= view_.position.step) saved.step = step;
}

void Run::start() {
  if (view_.state == RunState::loading) {
    start_when_ready_ = true;
    return;
  }
  if (!can_start(view_.state)) return;
  view_.state = RunState::running;
  speed_since_ = Clock::now();
  speed_samples_ = 0;
}

void Run::pause() {
  start_when_ready_ = false;
  if (!can_pause(view_.state)) return;
  view_.state = RunState::paused;
  view_.samples_per_second = 0;
  flush_train_point();
}

void Run::set_kl_weight(double kl_weight) {
  view_.kl_schedule = {};
  final_kl_weight_ = kl_weight;
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
  view_.settings.kl_weight = final_kl_weight_ * view_.kl_schedule.factor(view_.position.step);
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
  if (!good_state_ || view_.position.step - good_step_ >= kStepsPerGoodState) {
    before = trainer_->state();
  }
  follow_schedule();
  const Losses losses = trainer_->step(view_.settings);
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
  const std::int64_t seen = epoch_done ? data_->train.count - was.seen_in_epoch
                                       : view_.position.seen_in_epoch - was.seen_in_epoch;
  measure_speed(seen);
  if (epoch_done) evaluate_epoch();
  if (trainer_->finished()) pause();
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
  view_.curves.train.append(point_at(view_.position.step, mean));
  window_sum_ = {};
  window_steps_ = 0;
}

void Run::evaluate_epoch() {
  const auto losses =
      trainer_->freeze()->evaluate(*data_, SplitName::test, nullptr, evaluation_settings());
  if (!losses) return;
  last_test_ = *losses;
  view_.curves.test.append(point_at(view_.position.step, *losses));
}

Error Run::recover(const Losses& losses) {
  const std::int64_t failed_at = view_.position.step + 1;
  if (good_state_) {
    [[maybe_unused]] const auto restored = trainer_->restore(*good_state_);
    assert(restored);  // it was this trainer's own
  }
  view_.position = trainer_->position();
  for (Curve* curve : {&view_.curves.train, &view_.curves.test, &view_.curves.test_sample}) {
    curve->drop_after(view_.position.step);
  }
  std::erase_if(view_.curves.marks,
                [&](const KlWeightMark& mark) { return mark.step > view_.position.step; });
  history_.drop_after(view_.position.step);
  view_.history = history_.moments();
  window_sum_ = {};
  window_steps_ = 0;
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

void Run::refresh_codes_if_due() {
  if (!trainer_ || Clock::now() < codes_due_) return;
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
    test_sample_due_ = began + kTestSampleInterval;
  }

  const auto ended = Clock::now();
  const Clock::duration cost = ended - began;
  codes_due_ =
      ended + std::max(std::clamp<Clock::duration>(cost * kCodesShare, kShortestCodesInterval,
                                                   kLongestCodesInterval),
                       cost * kLargestCodesShare);
  const auto largest_cost = Clock::duration(kLongestCodesInterval) / kLargestCodesShare;
  if (cost > largest_cost) {
    const double factor = std::chrono::duration<double>(largest_cost) / cost;
    set_sample_share(sample_share_ * factor);
  } else if (sample_share_ < 1 && cost < largest_cost / 2) {
    set_sample_share(sample_share_ * 1.5);
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
  moment.decoder = view_.weights->decoder_alone();
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
  if (losses) view_.curves.test_sample.append(point_at(view_.position.step, *losses));
}

void Run::set_sample_share(double share) {
  sample_share_ = std::clamp(share, 0.1, 1.0);
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

RunRecord Run::record() const {
  return {data_->name,
          view_.seed,
          view_.position.epoch,
          view_.position.step,
          view_.settings.kl_weight,
          last_test_,
          view_.train_sample ? central_range(*view_.train_sample) : CodeRange{}};
}

}  // namespace zscape
