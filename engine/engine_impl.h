#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/command_check.h"
#include "engine/engine.h"
#include "engine/mailbox.h"
#include "engine/path_work.h"
#include "engine/run.h"
#include "engine/worker.h"

namespace zscape {

// What an Engine is made of. Apart from post() and snapshot() everything belongs to the engine
// thread; jobs of the worker deliver what they made through the mailbox. Internal to Engine.
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
  using Clock = std::chrono::steady_clock;

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
  void apply(const ExportInputs& command);

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

}  // namespace zscape
