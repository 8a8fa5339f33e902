#include "engine/engine.h"

#include <fmt/format.h>

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

#include <chrono>
#include <exception>
#include <utility>

#include "engine/engine_impl.h"

namespace zscape {
namespace {

constexpr std::size_t kNotices = 8;
// Publishing (a copy of the weights, the curves' ends) may take 1/40 of the time at most.
constexpr int kPublishShare = 40;

void set_niceness([[maybe_unused]] int nice) {
#ifdef __linux__
  // On Linux this is per thread, and threads started from here inherit it. Failure does no harm.
  if (nice != 0) setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice);
#endif
}

}  // namespace

void Engine::Impl::loop() {
  set_niceness(options_.nice);
  backend_->enter_thread(ThreadRole::engine);
  device_ = backend_->device();
  publish();
  while (!stopping_) {
    bool handled = false;
    while (auto letter = mailbox_.take()) {
      handle(std::move(*letter));
      handled = true;
    }
    if (activity_changed_.exchange(false)) handled = true;
    if (run_.state() == RunState::running) train();
    if (handled || (run_.state() == RunState::running && Clock::now() >= publish_due_)) publish();
    if (run_.state() != RunState::running) mailbox_.wait();
  }
}

void Engine::Impl::handle(Mailbox::Letter letter) {
  try {
    if (const auto* delivery = std::get_if<Mailbox::Delivery>(&letter)) {
      (*delivery)();
      return;
    }
    const auto& command = std::get<Command>(letter);
    std::visit(
        [this](const auto& c) {
          if (c.model == run_.id()) {
            apply(c);
          } else {
            tell(fmt::format("there is no model {}; model 0 is open", c.model.value), true);
          }
        },
        command);
  } catch (const std::exception& error) {
    run_.pause();
    tell(error.what(), true);
  }
}

void Engine::Impl::train() {
  Expected<void> result;
  const bool was_running = run_.state() == RunState::running;
  try {
    result = run_.train_step();
  } catch (const std::exception& error) {
    run_.pause();
    result = fail(error.what());
  }
  const bool has_ended = was_running && run_.state() == RunState::paused;
  const std::string why_stopped = run_.take_stop_reason();
  if (result && !has_ended && why_stopped.empty()) return;
  if (!result) tell(result.error().message, true);
  if (!why_stopped.empty()) tell(why_stopped, false);
  run_.refresh();
  encode_everything();
  publish();
}

void Engine::Impl::publish() {
  run_.refresh_codes_if_due();  // has a budget of its own
  const auto began = Clock::now();
  run_.refresh_weights();
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->revision = ++revision_;
  snapshot->device = device_;
  snapshot->data = data_;
  snapshot->models = {run_.view()};
  snapshot->activity = worker_.activity();
  snapshot->notices = notices_;
  {
    const std::lock_guard lock(snapshot_mutex_);
    snapshot_ = std::move(snapshot);
  }
  if (options_.on_publish) options_.on_publish();
  const auto ended = Clock::now();
  const std::chrono::duration<double> shortest(1.0 / options_.publish_hz);
  publish_due_ = ended + std::max(std::chrono::duration_cast<Clock::duration>(shortest),
                                  (ended - began) * kPublishShare);
}

void Engine::Impl::tell(std::string text, bool is_error) {
  if (notices_.size() == kNotices) notices_.erase(notices_.begin());
  notices_.push_back({++notices_told_, is_error, std::move(text)});
}

void Engine::Impl::apply(const Pause&) {
  if (run_.state() != RunState::running) {
    run_.pause();  // takes back a start that waits for data
    return;
  }
  run_.pause();
  run_.refresh();
  encode_everything();
}

void Engine::Impl::apply(const Step&) {
  if (!can_step(run_.state())) return;
  leave_pause();
  train();
  run_.refresh();
  encode_everything();
}

void Engine::Impl::apply(const Reset&) {
  if (can_reset(run_.state())) begin(run_.spec(), nullptr);
}

bool Engine::Impl::accepts(const Expected<void>& checked) {
  if (!checked) tell(checked.error().message, true);
  return checked.has_value();
}

void Engine::Impl::apply(const ReplaceModel& command) {
  if (data_) {
    begin(fitted(command.spec, *data_), nullptr);
  } else {
    run_.set_spec(command.spec);
  }
}

void Engine::Impl::begin(const ModelSpec& spec, const FrozenModelPtr& start) {
  leave_pause();
  const SetHoldOut held{run_.id(), run_.view().next_hold_out};
  if (!accepts(check(held, data_.get()))) run_.set_next_hold_out({});
  Expected<void> begun = validate(spec);
  if (begun) begun = run_.begin(spec, data_, start);
  if (!begun) tell(begun.error().message, true);
  if (run_.state() == RunState::paused) encode_everything();
}

Engine::Engine(std::shared_ptr<Backend> backend, EngineOptions options)
    : impl_(std::make_unique<Impl>(std::move(backend), std::move(options))) {}

Engine::~Engine() = default;

void Engine::post(Command command) {
  impl_->post(std::move(command));
}

SnapshotPtr Engine::snapshot() const {
  return impl_->snapshot();
}

}  // namespace zscape
