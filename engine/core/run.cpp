#include "engine/core/run.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <limits>
#include <set>

#include "engine/core/codes_pace.h"
#include "engine/random.h"
#include "engine/sequences.h"
#include "engine/text.h"
#include "engine/training/parameters.h"

namespace zscape {
namespace {

constexpr int kStepsPerTrainPoint = 5;
// While an epoch is measured, the engine looks at its commands this often.
constexpr auto kMeasuringSlice = std::chrono::milliseconds(16);
constexpr auto kSpeedWindow = std::chrono::milliseconds(500);

// After a refresh of the codes the next one waits kCodesShare times as long as it took (2.5 % of
// the time), within these bounds. If that would exceed a tenth of the time (kLargestCodesShare),
// the sample shrinks; if even that is not enough, refreshes become rarer.
constexpr int kCodesShare = 40;
constexpr int kLargestCodesShare = 10;
constexpr auto kShortestCodesInterval = std::chrono::milliseconds(200);
constexpr auto kLongestCodesInterval = std::chrono::milliseconds(480);
constexpr auto kUnwatchedPause = std::chrono::milliseconds(1500);
constexpr auto kTestSampleInterval = std::chrono::milliseconds(2000);
constexpr std::int64_t kSmallestSample = 500;
constexpr int kSampleSizes = 20;

// An evenly spread share of the sample.
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
  return make_indices(std::move(part));
}

}  // namespace

Indices first_inputs(const Dataset& data, SplitName split, std::int64_t wanted) {
  // Not the run's seed: every model of this data shows the same inputs.
  const std::int64_t count = data.split(split).count;
  auto order = permutation(count, 0, Stream::evaluation, split == SplitName::train ? 0u : 1u);
  order.resize(static_cast<std::size_t>(std::min(count, wanted)));
  std::ranges::sort(order);
  return make_indices(std::move(order));
}

Run::Run(ModelId id, Backend& backend, const EngineOptions& options)
    : backend_(backend), options_(options) {
  view_.id = id;
  set_memory_for_past(History::kBytes);
}

Expected<void> Run::begin(const ModelSpec& spec, std::shared_ptr<const Dataset> data,
                          FrozenModelPtr start) {
  RunPlan plan = next_plan(view_);
  plan.spec = spec;
  began_untrained_ = start == nullptr;
  auto trainer = backend_.make_trainer(task_of(plan, data, std::move(start)));
  if (!trainer) return tl::unexpected(trainer.error());
  take(TrainingLoop(std::move(plan), *std::move(trainer), data), data);
  kept_step_ = view_.position.step;
  view_.kl_schedule.first_step = view_.position.step;  // the schedule starts again with the run
  change();
  if (began_untrained_ && !view_.spec.is_linear() && backend_.repeats_steps()) {
    states_.add(std::make_shared<const FullState>());  // step 0, without its tensors
  }
  show_begun();
  return {};
}

void Run::take(TrainingLoop loop, std::shared_ptr<const Dataset> data) {
  loop_.emplace(std::move(loop));
  ++runs_;
  const bool same_data = data_ == data && train_sample_;
  if (!same_data) {
    data_ = std::move(data);
    train_sample_ = first_inputs(*data_, SplitName::train, options_.train_sample);
    test_sample_ = first_inputs(*data_, SplitName::test, options_.test_sample);
    train_indices_ = nullptr;
    parts_.clear();
    set_sample_share(1);
    view_.train_sample = view_.test_sample = nullptr;  // of rows that these data may not have
  }

  if (!same_data) view_.ghost = nullptr;  // losses of other data do not compare
  if (same_data && !view_.curves.train.empty()) {
    view_.ghost = std::make_shared<Curves>(view_.curves);
    view_.ghost_spec = view_.spec;
  }
  forget_shown();

  const RunPlan& plan = loop_->plan();
  view_.hold_out = plan.hold_out;
  view_.train_rows = data_->train.count - held_out_inputs(view_.hold_out, *data_);
  view_.spec = plan.spec;
  view_.seed = plan.seed;
  view_.position = loop_->position();
  view_.steps_before = view_.epochs_before = 0;
  view_.saved.step = view_.position.step;
  view_.returned_to = 0;
  kept_step_.reset();
}

void Run::forget_shown() {
  view_.train_codes = view_.test_codes = nullptr;
  view_.curves = {};
  window_ = {};
  measuring_failed_ = false;
  test_sample_due_ = {};
  view_.encoded = nullptr;
  view_.decoded = nullptr;
  view_.decoded_grid = nullptr;
  view_.decoded_samples = nullptr;
  view_.errors = nullptr;
  view_.train_gaps = view_.test_gaps = nullptr;
  view_.neighbours = nullptr;
  view_.evidence = nullptr;
  view_.jacobian = view_.mean_jacobian = nullptr;
  view_.codes_decoder = nullptr;
  view_.reconstructed = nullptr;
  view_.evaluation = nullptr;
  view_.is_evaluating = false;
  view_.certificate = nullptr;
  view_.is_certifying = false;
  view_.fields = {};
  view_.opened.reset();
  history_.clear();
  states_.restore(std::make_shared<const FullStateList>());
  show_states();
}

void Run::leave_data() {
  loop_.reset();
  data_ = nullptr;
  ++runs_;
  start_when_ready_ = false;
  forget_shown();
  view_.state = RunState::loading;
  view_.train_sample = view_.test_sample = nullptr;
  view_.weights = nullptr;
  view_.ghost = nullptr;
  view_.history = history_.moments();
  view_.position = {};
  view_.bytes_to_keep = 0;
}

void Run::show_codes(std::shared_ptr<const Dataset> data, const GivenCodes& codes,
                     FrozenModelPtr decoder) {
  leave_data();
  data_ = std::move(data);
  train_sample_ = test_sample_ = nullptr;                     // the next run draws them
  view_.spec = fitted(with_kind({}, ModelKind::ae), *data_);  // no σ, no prior
  view_.spec.latent = codes.train->latent;
  if (decoder) view_.spec.classes = decoder->classes();
  view_.codes_decoder = std::move(decoder);
  view_.train_codes = codes.train;
  view_.test_codes = codes.test;
}

void Run::show_begun() {
  view_.samples_per_second = 0;
  if (view_.state == RunState::loading) view_.state = RunState::paused;
  if (start_when_ready_) this->start();
  start_when_ready_ = false;
  speed_since_ = Clock::now();
  speed_samples_ = 0;
  refresh();
  show_states();
  // Weights with Adam's two moments, and the best ones likewise.
  whole_bytes_ = view_.weights->bytes() * (view_.hold_out.rows > 0 ? 6 : 3);
  view_.bytes_to_keep = kept_step_ ? 0 : whole_bytes_;
}

void Run::take_settings_of(const Run& other) {
  const ModelView& view = other.view_;
  const bool has_begun = other.loop_.has_value();
  view_.next_seed = has_begun ? view.seed : view.next_seed;
  view_.next_hold_out = has_begun ? view.hold_out : view.next_hold_out;
  view_.settings = view.settings;
  view_.kl_schedule = view.kl_schedule;
  view_.final_kl_weight = view.final_kl_weight;
  start_when_ready_ = other.start_when_ready_ || view.state == RunState::running;
}

void Run::take_settings(const RunPlan& plan) {
  const StepSettings before = std::exchange(view_.settings, plan.settings);
  view_.settings.kl_weight = before.kl_weight;  // the schedule decides λ
  view_.settings.most_steps = before.most_steps;
  view_.next_seed = plan.seed;
  change();
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
  measuring_failed_ = false;
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
  const double before = view_.settings.kl_weight;
  view_.kl_schedule = {};
  view_.final_kl_weight = view_.settings.kl_weight = kl_weight;
  change();
  if (before != kl_weight) mark_kl_weight();
}

void Run::set_kl_schedule(const KlSchedule& schedule) {
  view_.kl_schedule = schedule;
  view_.settings.kl_weight = view_.final_kl_weight * schedule.factor(view_.position.step);
  change();
  mark_kl_weight();
}

void Run::change() {
  if (!loop_) return;
  StepSettings settings = view_.settings;
  settings.kl_weight = view_.final_kl_weight;
  loop_->change(settings, view_.kl_schedule);
  view_.settings = loop_->settings();
  record_settings();
}

void Run::record_settings() {
  const RunPlan& plan = loop_->plan();
  SettingsChange now{loop_->position().step, plan.settings, loop_->schedule(),
                     plan.last_learning_rate};
  now.settings.most_steps = 0;
  auto& changes = view_.curves.changes;
  if (!changes.empty()) {
    SettingsChange last = changes.back();
    last.step = now.step;
    if (last == now) return;
  }
  // λ that is turned and turned back ends a search for the best weights: so the first of a step
  // stays.
  const bool has_two = changes.size() > 1 && changes[changes.size() - 2].step == now.step;
  if (has_two) changes.pop_back();
  changes.push_back(now);
}

void Run::show_states() {
  auto steps = std::make_shared<std::vector<std::int64_t>>();
  for (const FullStatePtr& state : *states_.states()) steps->push_back(state->step);
  view_.whole_steps = std::move(steps);
}

void Run::mark_kl_weight() {
  auto& marks = view_.curves.marks;
  const KlSchedule::Kind schedule = view_.kl_schedule.kind;
  const bool is_set = schedule == KlSchedule::Kind::constant;
  const KlWeightMark mark{view_.position.step,
                          is_set ? view_.settings.kl_weight : view_.final_kl_weight, schedule};
  if (!marks.empty() && marks.back().step == mark.step) {
    marks.back() = mark;
  } else {
    marks.push_back(mark);
  }
}

Expected<void> Run::advance() {
  measuring_failed_ = false;
  Budget budget;
  // A single step for the Step command, and while two models must see the same batches.
  budget.most_steps = view_.state == RunState::running && sharing_ == 1 ? 0 : 1;
  budget.go_on = [until = Clock::now() + kMeasuringSlice] { return Clock::now() < until; };
  const auto events = loop_->advance(budget);
  if (!events) return tl::unexpected(events.error());
  view_.settings = loop_->settings();
  for (const LoopEvent& event : *events) {
    std::visit([this](const auto& happened) { accept(happened); }, event);
  }
  if (FullStatePtr state = loop_->take_full_state(); state && backend_.repeats_steps()) {
    states_.add(std::move(state));
    show_states();
  }
  if (loop_->is_over()) pause();
  if (failure_.empty()) return {};
  return fail(std::exchange(failure_, {}));
}

void Run::accept_failure() {
  pause();
  measuring_failed_ = true;
  if (loop_) view_.position = loop_->position();
}

void Run::accept(const StepTaken& taken) {
  view_.position = loop_->position();
  view_.bytes_to_keep = finished() ? 0 : whole_bytes_;
  // The whole splits' codes belong to the former weights.
  view_.train_codes = nullptr;
  view_.test_codes = nullptr;
  window_.add(taken.losses, 1);
  if (window_.inputs == kStepsPerTrainPoint || view_.state == RunState::paused) {
    flush_train_point();
  }
  measure_speed(taken.inputs);
}

void Run::accept(const EpochMeasured& measured) {
  if (std::isfinite(measured.test.loss)) {
    view_.curves.test.append(point_at(measured.test, measured.kl_weight));
  }
  if (measured.validation) {
    view_.curves.validation.append(point_at(*measured.validation, measured.final_kl_weight));
  }
}

// Stops with the weights of the best epoch. The position stays: training may go on from there.
void Run::accept(const Stopped& stopped) {
  pause();
  if (!loop_->bring_best_back()) return;
  stop_reason_ =
      stopped.epochs_waited == 1
          ? tr("stopped: no better validation loss for 1 epoch; the weights of epoch {} are back",
               stopped.best_epoch)
          : tr("stopped: no better validation loss for {} epochs; the weights of epoch {} are back",
               stopped.epochs_waited, stopped.best_epoch);
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
  if (window_.inputs == 0) return;
  CurvePoint point = point_at(window_.means(), view_.settings.kl_weight);
  point.mse = std::numeric_limits<float>::quiet_NaN();
  view_.curves.train.append(point);
  window_ = {};
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
  point.seconds = static_cast<float>(loop_->seconds());
  point.samples_per_second = static_cast<float>(view_.samples_per_second);
  return point;
}

void Run::accept(const Diverged& diverged) {
  view_.position = loop_->position();
  view_.curves.drop_after(view_.position.step);
  record_settings();
  // Other settings may follow the last one now; those of the first weights are always recorded.
  states_.drop_after(std::max<std::int64_t>(view_.position.step - 1, 0));
  show_states();
  history_.drop_after(view_.position.step);
  view_.history = history_.moments();
  window_ = {};
  pause();
  failure_ = [&, rate = view_.settings.learning_rate, kl_weight = view_.settings.kl_weight] {
    switch (diverged.loss) {
      case Diverged::Loss::training:
        return tr(
            "the loss became {} at step {} (learning rate {}, λ {}): training is paused and the "
            "weights of step {} are back; try a smaller learning rate or λ",
            diverged.value, diverged.step, rate, kl_weight, diverged.back_at);
      case Diverged::Loss::test:
        return tr(
            "the test loss became {} at step {} (learning rate {}, λ {}): training is paused and "
            "the weights of step {} are back; try a smaller learning rate or λ",
            diverged.value, diverged.step, rate, kl_weight, diverged.back_at);
      case Diverged::Loss::validation:
        break;
    }
    return tr(
        "the validation loss became {} at step {} (learning rate {}, λ {}): training is paused and "
        "the weights of step {} are back; try a smaller learning rate or λ",
        diverged.value, diverged.step, rate, kl_weight, diverged.back_at);
  }();
}

void Run::refresh_weights() {
  if (loop_ && (!view_.weights || view_.weights->step() != view_.position.step)) {
    view_.weights = loop_->trainer().freeze();
  }
}

bool Run::wants_codes() const {
  if (!loop_ || !view_.train_sample || view_.state != RunState::running) return false;
  return CodesPace::is_due(view_.position.step, view_.train_sample->step, codes_took_,
                           Clock::now() - codes_ended_);
}

void Run::refresh_codes_if_due(bool watched) {
  const auto due = watched ? codes_due_ : codes_due_ + kUnwatchedPause;
  const bool at_once = watched && wants_codes();
  if (!loop_ || (!at_once && Clock::now() < due)) return;
  refresh_weights();
  if (view_.train_sample && view_.train_sample->revision == view_.weights->revision()) return;
  refresh_codes();
}

void Run::refresh() {
  if (!loop_) return;
  view_.weights = loop_->trainer().freeze();
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
  // As a share of the time of all runs.
  const Clock::duration cost = (ended - began) * sharing_;
  codes_took_ = cost;
  codes_ended_ = ended;
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
  // The first steps change the loss so much that a line from there on would stand upright.
  if (began_untrained_ && view_.position.step == 0) return;
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
  if (train_indices_ && part == sample_share_) return;  // points glide while the rows stay the same
  sample_share_ = part;
  // In few sizes, since each moment of the past holds its rows and moments of one size share them.
  const auto size = static_cast<int>(std::floor(sample_share_ * kSampleSizes));
  auto& [train, test] = parts_[size];
  if (!train) {
    train = part_of(train_sample_, static_cast<double>(size) / kSampleSizes);
    test = part_of(test_sample_, static_cast<double>(size) / kSampleSizes);
  }
  train_indices_ = train;
  test_indices_ = test;
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
