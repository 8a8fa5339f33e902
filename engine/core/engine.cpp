#include "engine/engine.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <type_traits>
#include <utility>

#include "engine/core/engine_impl.h"
#include "engine/sequences.h"
#include "engine/text.h"
#include "engine/thrown.h"
#include "engine/training/parameters.h"

namespace zscape {
namespace {

constexpr std::size_t kNotices = 8;
constexpr std::size_t kMostModels = 3;
// Publishing (copying the weights and the curves' ends) may take 1/40 of the time.
constexpr int kPublishShare = 40;

// Between two calls of give_memory_back(), which may take a hundredth of the time.
constexpr auto kShortestTrim = std::chrono::seconds(2);
constexpr int kTrimShare = 100;

// The codes of kept moments lie where short-lived tensors lay, so that the next ones do not fit:
// the heap grew by more than the past, and kept it.
void give_memory_back() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

// Of a model whose turn to begin with new data has not come: its inputs are not in them.
void hide_inputs(ModelView& view) {
  view.train_sample = view.test_sample = view.train_codes = view.test_codes = nullptr;
  view.encoded = nullptr;
  view.errors = nullptr;
  view.reconstructed = nullptr;
  view.history = std::make_shared<const Moments>();
}

// Of a request many times a second, which changes nothing that is shown until it is answered: to
// publish takes time from training.
bool is_quiet(const Mailbox::Message& message) {
  const auto* command = std::get_if<Command>(&message);
  return command && std::holds_alternative<FindEvidence>(*command);
}

void set_niceness([[maybe_unused]] int nice) {
#ifdef __linux__
  // On Linux this holds for this thread and those it starts. Failure is harmless.
  if (nice != 0) setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice);
#endif
}

Expected<void> check_schedule(const KlSchedule& schedule) {
  const bool rises = std::isfinite(schedule.steps) && schedule.steps > 0 && schedule.cycles >= 1;
  if (schedule.kind == KlSchedule::Kind::constant || rises) return {};
  return fail(tr("λ schedule: {} cycles over {} steps make no ramp; both must be above 0",
                 schedule.cycles, schedule.steps));
}

// data null: not loaded yet.
Expected<void> check_hold_out(const HoldOut& hold_out, const Dataset* data) {
  RunPlan plan;
  plan.hold_out = hold_out;
  if (auto fits = check(plan); !fits) return fits;
  if (data == nullptr) return {};
  const std::int64_t count = sequence_count(*data, SplitName::train);
  if (hold_out.rows < count) return {};
  return fail(
      data->steps > 0
          ? tr("validation: {} of {} training sequences leave none to learn from, so they are not "
               "held out",
               hold_out.rows, count)
          : tr("validation: {} of {} training inputs leave none to learn from, so they are not "
               "held out",
               hold_out.rows, count));
}

}  // namespace

void Engine::Impl::loop() {
  set_niceness(options_.nice);
  backend_->enter_thread(ThreadRole::engine);
  device_ = backend_->device();
  publish();
  while (!stopping_) {
    bool handled = false;
    while (const auto message = mailbox_.take()) {
      const std::uint64_t told = notices_told_;
      handle(*message);
      handled = handled || !is_quiet(*message) || notices_told_ != told;
    }
    if (activity_changed_.exchange(false)) handled = true;
    // One step each, so that compared models see the same batches at the same time. For the same
    // reason they wait for each other while an epoch is measured.
    const std::vector<OpenRunPtr> in_turn = open_;
    const bool was_busy = any_of(&Run::is_busy);
    const bool is_measuring = any_of(&Run::is_measuring);
    for (const OpenRunPtr& open : in_turn) {
      if (is_measuring ? open->run.is_measuring() : open->run.is_busy()) train(open);
    }
    const bool is_busy = any_of(&Run::is_busy);
    const bool is_early = watched_ && any_of(&Run::wants_codes);
    if (handled || (was_busy && (!is_busy || is_early || Clock::now() >= publish_due_))) publish();
    if (!is_busy) mailbox_.wait();
  }
}

bool Engine::Impl::any_of(bool (Run::*holds)() const) const {
  return std::ranges::any_of(open_,
                             [holds](const OpenRunPtr& open) { return (open->run.*holds)(); });
}

Engine::Impl::OpenRunPtr Engine::Impl::find(ModelId id) const {
  const auto found =
      std::ranges::find_if(open_, [id](const OpenRunPtr& open) { return open->run.id() == id; });
  return found == open_.end() ? nullptr : *found;
}

void Engine::Impl::handle(const Mailbox::Message& message) {
  OpenRunPtr concerned;
  try {
    if (const auto* delivery = std::get_if<Mailbox::Delivery>(&message)) {
      if (delivery->about) concerned = find(*delivery->about);
      delivery->run();
      return;
    }
    std::visit(
        [&]<class Any>(const Any& command) {
          const OpenRunPtr open = find(command.model);
          concerned = open;
          if (open || std::is_same_v<Any, AddModel> || std::is_same_v<Any, ReturnTo> ||
              std::is_same_v<Any, Fork>) {
            apply(command, open);
          } else {
            tell(tr("there is no model {}; model 0 is open", command.model.value), true);
          }
        },
        std::get<Command>(message));
  } catch (const std::exception& error) {
    fail_with(concerned.get(), error);
  }
}

void Engine::Impl::fail_with(OpenRun* open, const std::exception& error) {
  if (open) open->run.pause();
  tell_of(open, first_line(error), true, open ? about("training", open->run.id()) : "");
}

void Engine::Impl::train(const OpenRunPtr& open) {
  Run& run = open->run;
  Expected<void> result;
  const bool was_running = run.state() == RunState::running;
  try {
    result = run.advance();
  } catch (const std::exception& error) {
    result = fail(first_line(error));
  }
  if (!result) run.accept_failure();
  const bool has_ended = was_running && run.state() == RunState::paused;
  const std::string why_stopped = run.take_stop_reason();
  if (result && !has_ended && why_stopped.empty()) return;
  if (!result) tell_of(open.get(), result.error(), about("training", run.id()));
  if (!why_stopped.empty()) tell_of(open.get(), why_stopped, false);
  try {
    run.refresh();
    encode_everything(open);
  } catch (const std::exception& error) {
    fail_with(open.get(), error);
  }
  publish();
}

// Brings codes up to date, and weights: those of a model that trains only if they are due. Pauses a
// model that fails. Returns when copying the weights began.
Engine::Impl::Clock::time_point Engine::Impl::refresh(int running, bool weights_due) {
  double part = 1;
  for (const OpenRunPtr& open : open_) {
    const bool is_one_of_two = running > 1 && open->run.state() == RunState::running;
    if (is_one_of_two) part = std::min(part, open->run.affordable_part());
  }
  on_each([&](const OpenRunPtr& open) {
    open->run.share_time_with(std::max(running, 1), part);
    open->run.refresh_codes_if_due(watched_);  // has its own time budget
  });
  const auto began = Clock::now();
  on_each([weights_due](const OpenRunPtr& open) {
    if (weights_due || open->run.state() != RunState::running) open->run.refresh_weights();
  });
  return began;
}

void Engine::Impl::publish() {
  const auto running = std::ranges::count_if(
      open_, [](const OpenRunPtr& open) { return open->run.state() == RunState::running; });
  // An answer or a command in between shows at once what it changed; the weights of a model that
  // trains are copied no more often for it.
  const bool weights_due = Clock::now() >= publish_due_;
  const auto began = refresh(static_cast<int>(running), weights_due);
  if (std::string warning = backend_->take_warning(); !warning.empty()) {
    tell(std::move(warning), false);
  }
  show();
  if (options_.on_publish) options_.on_publish();
  const auto ended = Clock::now();
  if (ended >= trim_due_) {
    give_memory_back();
    const auto trimmed = Clock::now();
    trim_due_ = trimmed + std::max<Clock::duration>(kShortestTrim, (trimmed - ended) * kTrimShare);
  }
  if (!weights_due) return;
  const std::chrono::duration<double> shortest(1.0 / options_.publish_hz);
  publish_due_ = ended + std::max(std::chrono::duration_cast<Clock::duration>(shortest),
                                  (ended - began) * kPublishShare);
}

void Engine::Impl::show() {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->revision = ++revision_;
  snapshot->device = device_;
  snapshot->data = data_;
  for (const OpenRunPtr& open : open_) {
    ModelView& view = snapshot->models.emplace_back(open->run.view());
    view.serial = open->serial;
    if (open->run.data() != data_) hide_inputs(view);
  }
  snapshot->activity = worker_.activity();
  snapshot->notices = notices_;
  snapshot->settled = settled_;
  snapshot->stored = store_.shown();
  snapshot->spectra = shown_spectra();
  {
    const std::lock_guard lock(snapshot_mutex_);
    snapshot_ = std::move(snapshot);
  }
}

void Engine::Impl::tell(std::string text, bool is_error, std::string about) {
  if (notices_.size() == kNotices) notices_.erase(notices_.begin());
  if (is_error && !about.empty()) failed_.insert(about);
  notices_.push_back({++notices_told_, is_error, std::move(text), std::move(about)});
}

void Engine::Impl::settle(const std::string& about) {
  if (failed_.erase(about) > 0) settled_[about] = ++notices_told_;
}

// With a single model it is clear which one is meant.
void Engine::Impl::tell_of(const OpenRun* open, const std::string& text, bool is_error,
                           std::string about) {
  const auto found = std::ranges::find(open_, open, &OpenRunPtr::get);
  const auto place = found == open_.end() ? 0 : found - open_.begin();
  tell(place == 0   ? text
       : place == 1 ? tr("the second model: {}", text)
                    : tr("the third model: {}", text),
       is_error, std::move(about));
}

void Engine::Impl::leave_pause(OpenRun& open) {
  // In a pause the gaps of many inputs are measured, which would take time from training.
  for (const char* key : {"encode", "errors", "train_gaps", "test_gaps"}) {
    worker_.withdraw(key, open.run.id());
  }
  open.measured = nullptr;
  open.gaps_of.clear();
}

void Engine::Impl::leave_run(OpenRun& open) {
  leave_pause(open);
  for (const char* key : {"evaluate", "certify", "return_to_step", "encode_rows", "neighbours",
                          "jacobian", "mean_jacobian"}) {
    worker_.withdraw(key, open.run.id());
  }
  open.lens.reset();
  open.run.accept_evaluation(nullptr);
}

void Engine::Impl::apply(const Pause&, const OpenRunPtr& open) {
  Run& run = open->run;
  if (run.state() != RunState::running) {
    run.pause();  // withdraws a start that waits for data
    return;
  }
  run.pause();
  run.refresh();
  encode_everything(open);
}

void Engine::Impl::apply(const Step&, const OpenRunPtr& open) {
  if (!can_step(open->run.state()) || open->run.finished()) return;
  leave_pause(*open);
  while (open->run.is_measuring()) train(open);  // the last epoch comes first
  train(open);
  open->run.refresh();
  encode_everything(open);
}

void Engine::Impl::apply(const Reset&, const OpenRunPtr& open) {
  if (can_reset(open->run.state())) begin(open, open->run.spec(), nullptr, PutAway::reset);
}

Expected<void> Engine::Impl::check_kl_weight(double kl_weight) {
  RunPlan plan;
  plan.settings.kl_weight = kl_weight;
  return check(plan);
}

void Engine::Impl::apply(const SetKlWeight& command, const OpenRunPtr& open) {
  if (accepts(check_kl_weight(command.kl_weight))) open->run.set_kl_weight(command.kl_weight);
}

void Engine::Impl::apply(const SetKlSchedule& command, const OpenRunPtr& open) {
  if (accepts(check_schedule(command.schedule))) open->run.set_kl_schedule(command.schedule);
}

void Engine::Impl::apply(const SetHoldOut& command, const OpenRunPtr& open) {
  if (accepts(check_hold_out(command.hold_out, data_.get()))) {
    open->run.set_next_hold_out(command.hold_out);
  }
}

void Engine::Impl::apply(const SetParameter& command, const OpenRunPtr& open) {
  const Parameter* parameter = find_parameter(command.key);
  if (parameter == nullptr || !parameter->is_setting()) {
    tell(tr("{} is not a setting of a run", command.key), true);
    return;
  }
  RunPlan plan = next_plan(open->run.view());
  if (!accepts(set(plan, *parameter, command.text))) return;
  if (parameter->command != nullptr) {
    std::visit([&](const auto& own) { apply(own, open); }, parameter->command(command.model, plan));
    return;
  }
  open->run.take_settings(plan);
  if (plan.hold_out != open->run.view().next_hold_out) {
    apply(SetHoldOut{command.model, plan.hold_out}, open);
  }
}

void Engine::Impl::apply(const AddModel& command, const OpenRunPtr& open) {
  if (open) {
    tell(tr("model {} is open already; close it first", command.model.value), true);
    return;
  }
  if (!command.path.empty()) {
    add_opened(command);
    return;
  }
  if (command.kl_weight && !accepts(check_kl_weight(*command.kl_weight))) return;
  const ModelSpec spec = data_ ? fitted(command.spec, *data_) : command.spec;
  if (data_ && !accepts(validate(spec))) return;
  const OpenRunPtr added = open_beside(command.model);
  if (!added) return;
  Run& run = added->run;
  if (command.kl_weight) run.begin_with_kl_weight(*command.kl_weight);
  run.set_spec(spec);
  if (data_) begin(added, spec, nullptr, PutAway::new_model);
  if (data_ && run.state() == RunState::loading) remove(added);  // begin() told why
}

// With the settings of the first model.
Engine::Impl::OpenRunPtr Engine::Impl::open_beside(ModelId id) {
  if (open_.size() == kMostModels) {
    tell(tr("{} models are open already; close one first", kMostModels), true);
    return nullptr;
  }
  auto added = std::make_shared<OpenRun>(id, ++models_added_, *backend_, options_);
  added->run.take_settings_of(open_.front()->run);
  open_.push_back(added);
  share_memory();
  return added;
}

void Engine::Impl::apply(const RemoveModel&, const OpenRunPtr& open) {
  if (open == open_.front()) {
    tell(tr("the first model cannot be closed; another can take its place"), true);
    return;
  }
  remove(open);
}

void Engine::Impl::remove(const OpenRunPtr& open) {
  worker_.withdraw(open->run.id());
  std::erase(open_, open);
  share_memory();
  store(put_away(*open, PutAway::closed), open->run.view().returned_to);
}

bool Engine::Impl::accepts(const Expected<void>& checked) {
  if (checked) {
    settle("setting");
  } else {
    tell(checked.error().message, true, "setting");
  }
  return checked.has_value();
}

void Engine::Impl::apply(const ReplaceModel& command, const OpenRunPtr& open) {
  if (data_) {
    begin(open, fitted(command.spec, *data_), nullptr, PutAway::new_model);
  } else {
    open->run.set_spec(command.spec);
  }
}

bool Engine::Impl::begin(const OpenRunPtr& open, const ModelSpec& spec, const FrozenModelPtr& start,
                         PutAway why) {
  Run& run = open->run;
  leave_run(*open);
  if (!accepts(check_hold_out(run.view().next_hold_out, data_.get()))) run.set_next_hold_out({});
  Expected<void> begun = validate(spec);
  if (begun) begun = replacing(*open, why, [&] { return run.begin(spec, data_, start); });
  if (begun) {
    open->request = request_;
  } else {
    tell_of(open.get(), begun.error(), about("opening", run.id()));
  }
  if (run.state() != RunState::paused) return begun.has_value();
  // A closed form needs no Start.
  if (begun && spec.is_linear() && !start) {
    train(open);
    run.refresh();
  }
  encode_everything(open);
  return begun.has_value();
}

Engine::Engine(std::shared_ptr<Backend> backend, EngineOptions options)
    : impl_(std::make_unique<Impl>(std::move(backend), std::move(options))) {}

Engine::~Engine() = default;

void Engine::post(Command command) {
  impl_->post(std::move(command));
}

void Engine::set_watched(bool watched) {
  impl_->set_watched(watched);
}

SnapshotPtr Engine::snapshot() const {
  return impl_->snapshot();
}

}  // namespace zscape
