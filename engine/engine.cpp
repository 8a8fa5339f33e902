#include "engine/engine.h"

#include <fmt/format.h>

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include "engine/command_check.h"
#include "engine/curves_csv.h"
#include "engine/mailbox.h"
#include "engine/run.h"
#include "engine/worker.h"

namespace zscape {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kNotices = 8;
// Publishing (a copy of the weights, the curves' ends) may take 1/40 of the time at most.
constexpr int kPublishShare = 40;

void set_niceness([[maybe_unused]] int nice) {
#ifdef __linux__
  // On Linux this is per thread, and threads started from here inherit it. Failure does no harm.
  if (nice != 0) setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice);
#endif
}

Indices all_indices(std::int64_t count) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
  std::iota(indices.begin(), indices.end(), std::int64_t{0});
  return std::make_shared<const std::vector<std::int64_t>>(std::move(indices));
}

}  // namespace

class Engine::Impl {
 public:
  Impl(std::shared_ptr<Backend> backend, EngineOptions options)
      : backend_(std::move(backend)),
        options_(std::move(options)),
        run_(ModelId{0}, *backend_, options_),
        worker_({.thread_started = [this] { backend_->enter_thread(ThreadRole::helper); },
                 .activity_changed =
                     [this] {
                       activity_changed_ = true;
                       mailbox_.nudge();
                     },
                 .failed =
                     [this](const std::string& message) {
                       mailbox_.deliver([this, message] { tell(message, true); });
                     }}) {
    publish();
    thread_ = std::thread([this] { loop(); });
  }

  ~Impl() {
    stopping_ = true;
    mailbox_.nudge();
    thread_.join();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void post(Command command) { mailbox_.put(std::move(command)); }

  SnapshotPtr snapshot() const {
    const std::lock_guard lock(snapshot_mutex_);
    return snapshot_;
  }

 private:
  void loop();
  void handle(Mailbox::Letter letter);
  void publish();
  void train();
  void tell(std::string text, bool is_error);
  bool accepts(const Expected<void>& checked);  // tells why not
  void encode_everything();
  void leave_pause() {
    for (const char* job : {"encode", "errors"}) worker_.cancel(job);
    measured_ = nullptr;
  }

  void apply(const Start&) {
    leave_pause();
    run_.start();
  }
  void apply(const Pause&);
  void apply(const Step&);
  void apply(const Reset&);
  void apply(const SetKlWeight& command) {
    if (accepts(check(command))) run_.set_kl_weight(command.kl_weight);
  }
  void apply(const SetKlSchedule& command) {
    if (accepts(check(command))) run_.set_kl_schedule(command.schedule);
  }
  void apply(const SetHoldOut& command) {
    if (accepts(check(command, data_.get()))) run_.set_next_hold_out(command.hold_out);
  }
  void apply(const SetLearningRate& command) {
    if (accepts(check(command))) run_.set_learning_rate(command.learning_rate);
  }
  void apply(const SetBatchSize& command) {
    if (accepts(check(command))) run_.set_batch_size(command.batch_size);
  }
  void apply(const SetSeed& command) { run_.set_next_seed(command.seed); }
  void apply(const ReplaceModel& command);
  void apply(const LoadData& command);
  void apply(const SaveModel& command);
  void apply(const OpenModel& command);
  void apply(const Decode& command);
  void apply(const MeasureErrors& command);
  void apply(const FindGeodesic& command) { path_work_.find(command, run_); }
  void apply(const ExportPath& command) {
    run_.refresh_weights();
    path_work_.write(command, run_.view().weights);
  }
  void apply(const Cancel&);
  void apply(const Reconstruct& command);
  void apply(const ExportCurves& command);

  void begin(const ModelSpec& spec, const FrozenModelPtr& start);
  void accept_data(std::shared_ptr<const Dataset> data);
  void accept_model(const OpenedModel& opened, const std::string& path);

  std::shared_ptr<Backend> backend_;
  EngineOptions options_;
  Mailbox mailbox_;

  // The engine thread's own.
  std::string device_ = "measuring how many threads train fastest";
  std::shared_ptr<const Dataset> data_;
  Run run_;
  std::optional<std::pair<OpenedModel, std::string>> waiting_model_;  // opened before the data came
  std::vector<Notice> notices_;
  std::uint64_t notices_told_ = 0;
  std::uint64_t revision_ = 0;
  std::uint64_t saves_ = 0;
  std::uint64_t load_ticket_ = 0;  // of the newest LoadData; older deliveries are stale
  std::uint64_t open_ticket_ = 0;
  Indices measured_;  // the rows that MeasureErrors has in hand; null: none
  Clock::time_point publish_due_;

  std::atomic<bool> stopping_ = false;
  std::atomic<bool> activity_changed_ = false;
  mutable std::mutex snapshot_mutex_;
  SnapshotPtr snapshot_;

  PathWork path_work_{worker_, mailbox_, options_.write_pictures,
                      [this](std::string text, bool is_error) { tell(std::move(text), is_error); }};
  Worker worker_;  // its jobs use what stands above
  std::thread thread_;
};

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

void Engine::Impl::encode_everything() {
  const FrozenModelPtr weights = run_.view().weights;
  if (!weights || !data_) return;
  worker_.submit(
      "encode", "encoding all inputs", [this, weights, data = data_](const Progress& progress) {
        const double total = static_cast<double>(data->train.count + data->test.count);
        const double share = static_cast<double>(data->train.count) / total;
        auto train = weights->encode(*data, SplitName::train, all_indices(data->train.count),
                                     [&](double done) { return report(progress, done * share); });
        if (!train) return;
        auto test = weights->encode(
            *data, SplitName::test, all_indices(data->test.count),
            [&](double done) { return report(progress, share + done * (1 - share)); });
        if (!test) return;
        mailbox_.deliver([this, weights, train = std::make_shared<const Codes>(std::move(*train)),
                          test = std::make_shared<const Codes>(std::move(*test))] {
          run_.accept_full_codes(weights, train, test);
        });
      });
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

void Engine::Impl::apply(const LoadData& command) {
  const std::uint64_t ticket = ++load_ticket_;
  worker_.submit("load", fmt::format("loading {}", command.source),
                 [this, ticket, request = DataRequest{command.source, command.image_size}](
                     const Progress& progress) {
                   auto data = backend_->load_data(request, progress);
                   mailbox_.deliver([this, ticket, data = std::move(data)] {
                     if (ticket != load_ticket_) return;
                     if (data) {
                       accept_data(*data);
                     } else {
                       tell(data.error().message, true);
                     }
                   });
                 });
}

void Engine::Impl::accept_data(std::shared_ptr<const Dataset> data) {
  ModelSpec spec = fitted(run_.spec(), *data);
  if (auto valid = validate(spec); !valid) {
    tell(fmt::format("{}: {}", data->name, valid.error().message), true);
    return;
  }
  data_ = std::move(data);
  if (waiting_model_) {
    const auto [opened, path] = *std::exchange(waiting_model_, std::nullopt);
    accept_model(opened, path);
    if (run_.state() != RunState::loading) return;
  }
  begin(spec, nullptr);
}

void Engine::Impl::apply(const SaveModel& command) {
  run_.refresh_weights();
  const FrozenModelPtr weights = run_.view().weights;
  if (!weights) {
    tell(fmt::format("{}: there is no model to save yet", command.path), true);
    return;
  }
  worker_.submit(
      fmt::format("save {}", ++saves_), fmt::format("saving {}", command.path),
      [this, weights, record = run_.record(), path = command.path](const Progress&) {
        const auto saved = backend_->save_model(*weights, record, path);
        mailbox_.deliver([this, saved, path, step = record.steps] {
          run_.accept_saved(path, step, saved.has_value());
          tell(saved ? fmt::format("saved {}", path) : saved.error().message, !saved);
        });
      },
      /*finish_on_exit=*/true);
}

void Engine::Impl::apply(const OpenModel& command) {
  const std::uint64_t ticket = ++open_ticket_;
  worker_.submit("open", fmt::format("opening {}", command.path),
                 [this, ticket, path = command.path](const Progress&) {
                   auto opened = backend_->open_model(path);
                   mailbox_.deliver([this, ticket, path, opened = std::move(opened)] {
                     if (ticket != open_ticket_) return;
                     if (!opened) {
                       tell(opened.error().message, true);
                     } else if (data_) {
                       accept_model(*opened, path);
                     } else {
                       waiting_model_ = {*opened, path};
                     }
                   });
                 });
}

void Engine::Impl::apply(const Decode& command) {
  const FrozenModelPtr weights = command.weights ? command.weights : run_.view().weights;
  if (!weights) return;
  // Without a text: part of showing, not work that a person waits for.
  const char* key = command.grid ? "decode grid" : "decode";
  worker_.submit(key, "", [this, weights, command](const Progress&) {
    auto pictures = std::make_shared<DecodedPictures>();
    pictures->revision = weights->revision();
    pictures->z = command.z;
    pictures->labels = command.labels;
    const std::size_t count = command.z.size() / static_cast<std::size_t>(weights->spec().latent);
    pictures->pixels.resize(count * static_cast<std::size_t>(weights->spec().inputs()));
    weights->decode(pictures->z, pictures->labels, pictures->pixels);
    mailbox_.deliver(
        [this, pictures, grid = command.grid] { run_.accept_pictures(pictures, grid); });
  });
  path_work_.give_way(run_);
}

void Engine::Impl::apply(const MeasureErrors& command) {
  const FrozenModelPtr weights = run_.view().weights;
  const CodesPtr codes = run_.shown_codes(command.split);
  if (!weights || !codes || measured_ == codes->indices) return;  // begun already
  measured_ = codes->indices;
  worker_.submit("errors", "", [=, this, seed = run_.seed(), data = data_](const Progress& more) {
    auto made = measure_errors(*weights, *data, command.split, codes->indices, seed, more);
    mailbox_.deliver([this, rows = codes->indices, made = std::move(made)] {
      if (measured_ != rows) return;  // others are asked for by now
      measured_ = nullptr;
      if (made) run_.accept_errors(std::make_shared<const InputErrors>(*made));
    });
  });
}

// What was loaded or opened all the same, since it had no time to stop, is not taken over.
void Engine::Impl::apply(const Cancel&) {
  const auto activity = worker_.activity();
  const std::string key = worker_.cancel_shown();
  if (key.empty() || !activity) return;
  if (key == "load") ++load_ticket_;
  if (key == "open") ++open_ticket_;
  tell(fmt::format("{} was cancelled", activity->text), false);
}

void Engine::Impl::apply(const Reconstruct& command) {
  const FrozenModelPtr weights = run_.view().weights;
  if (!weights || !data_ || command.index < 0 ||
      command.index >= data_->split(command.split).count) {
    return;
  }
  worker_.submit("reconstruct", "", [this, weights, data = data_, command](const Progress&) {
    auto made = reconstruction(*weights, *data, command);
    if (!made) return;
    mailbox_.deliver([this, answer = std::make_shared<const Reconstruction>(std::move(*made))] {
      run_.accept_reconstruction(answer);
    });
  });
}

void Engine::Impl::apply(const ExportCurves& command) {
  if (!options_.write_file) {
    tell(fmt::format("{}: this program has no way to write files", command.path), true);
    return;
  }
  worker_.submit(
      fmt::format("export {}", ++saves_), fmt::format("writing {}", command.path),
      [this, curves = run_.view().curves, path = command.path](const Progress&) {
        const std::string text = to_csv(curves);
        const auto written = options_.write_file(path, std::as_bytes(std::span(text)));
        mailbox_.deliver([this, written, path] {
          tell(written ? fmt::format("wrote the curves to {}", path) : written.error().message,
               !written);
        });
      },
      /*finish_on_exit=*/true);
}

void Engine::Impl::accept_model(const OpenedModel& opened, const std::string& path) {
  if (const auto fits = check_fit(opened.model->spec(), *data_); !fits) {
    tell(fmt::format("{} {}", path, fits.error().message), true);
    return;
  }
  ModelSpec spec = opened.model->spec();
  spec.shape = data_->shape;
  begin(spec, opened.model);
  run_.accept_opened(path);
  if (run_.view().settings.kl_weight != opened.record.kl_weight) {
    run_.set_kl_weight(opened.record.kl_weight);
  }
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
