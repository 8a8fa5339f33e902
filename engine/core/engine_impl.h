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

#include "engine/core/command_check.h"
#include "engine/core/mailbox.h"
#include "engine/core/path_work.h"
#include "engine/core/run.h"
#include "engine/core/worker.h"
#include "engine/engine.h"

namespace zscape {

// What an Engine is made of. Apart from post() and snapshot() everything belongs to the engine
// thread; jobs of the worker deliver what they made through the mailbox. Internal to Engine.
class Engine::Impl {
 public:
  Impl(std::shared_ptr<Backend> backend, EngineOptions options)
      : backend_(std::move(backend)),
        options_(std::move(options)),
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
    open_.push_back(std::make_shared<OpenRun>(ModelId{0}, *backend_, options_));
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
  void set_watched(bool watched) { watched_ = watched; }

  SnapshotPtr snapshot() const {
    const std::lock_guard lock(snapshot_mutex_);
    return snapshot_;
  }

 private:
  using Clock = std::chrono::steady_clock;

  // One model with what the engine has in hand for it. What the worker makes holds it by weak
  // pointers, since a model may be removed meanwhile.
  struct OpenRun {
    OpenRun(ModelId id, Backend& backend, const EngineOptions& options)
        : run(id, backend, options) {}
    Run run;
    std::optional<std::pair<OpenedModel, std::string>> waiting_model;  // opened before the data
    std::uint64_t open_ticket = 0;  // of the newest OpenModel; older deliveries are stale
    Indices measured;               // the rows that MeasureErrors has in hand; null: none
  };
  using OpenRunPtr = std::shared_ptr<OpenRun>;

  void loop();
  void handle(Mailbox::Letter letter);
  Clock::time_point refresh(int running);
  void publish();
  bool any_running() const;
  void train(const OpenRunPtr& open);
  void tell(std::string text, bool is_error);
  bool accepts(const Expected<void>& checked);                                // tells why not
  void tell_of(const OpenRun& open, const std::string& text, bool is_error);  // says which model
  OpenRunPtr find(ModelId id) const;                                          // null: not open
  void encode_everything(const OpenRunPtr& open);
  void leave_pause(OpenRun& open);

  // The worker's name for a job about one model.
  static std::string job(const char* what, const OpenRun& open) {
    return std::string(what) + " " + std::to_string(open.run.id().value);
  }

  void apply(const Start&, const OpenRunPtr& open) {
    if (open->run.finished()) return;
    leave_pause(*open);
    open->run.start();
  }
  void apply(const Pause&, const OpenRunPtr& open);
  void apply(const Step&, const OpenRunPtr& open);
  void apply(const Reset&, const OpenRunPtr& open);
  void apply(const SetKlWeight& command, const OpenRunPtr& open) {
    if (accepts(check(command))) open->run.set_kl_weight(command.kl_weight);
  }
  void apply(const SetKlSchedule& command, const OpenRunPtr& open) {
    if (accepts(check(command))) open->run.set_kl_schedule(command.schedule);
  }
  void apply(const SetHoldOut& command, const OpenRunPtr& open) {
    if (accepts(check(command, data_.get()))) open->run.set_next_hold_out(command.hold_out);
  }
  void apply(const SetLearningRate& command, const OpenRunPtr& open) {
    if (accepts(check(command))) open->run.set_learning_rate(command.learning_rate);
  }
  void apply(const SetBatchSize& command, const OpenRunPtr& open) {
    if (accepts(check(command))) open->run.set_batch_size(command.batch_size);
  }
  void apply(const SetSeed& command, const OpenRunPtr& open) {
    open->run.set_next_seed(command.seed);
  }
  void apply(const ReplaceModel& command, const OpenRunPtr& open);
  void apply(const LoadData& command, const OpenRunPtr& open);
  void apply(const SaveModel& command, const OpenRunPtr& open);
  void apply(const OpenModel& command, const OpenRunPtr& open);
  void apply(const Decode& command, const OpenRunPtr& open);
  void apply(const MeasureErrors& command, const OpenRunPtr& open);
  void apply(const FindGeodesic& command, const OpenRunPtr& open) {
    path_work_.find(command, run_of(open));
  }
  void apply(const ExportPath& command, const OpenRunPtr& open) {
    open->run.refresh_weights();
    path_work_.write(command, open->run.view().weights);
  }
  void apply(const Cancel&, const OpenRunPtr& open);
  void apply(const Reconstruct& command, const OpenRunPtr& open);
  void apply(const ExportCurves& command, const OpenRunPtr& open);
  void apply(const ExportInputs& command, const OpenRunPtr& open);
  void apply(const AddModel& command, const OpenRunPtr& open);
  void apply(const RemoveModel& command, const OpenRunPtr& open);

  // For those who know of runs only.
  static std::shared_ptr<Run> run_of(const OpenRunPtr& open) { return {open, &open->run}; }

  void remove(const OpenRunPtr& open);
  void begin(const OpenRunPtr& open, const ModelSpec& spec, const FrozenModelPtr& start);
  void accept_data(std::shared_ptr<const Dataset> data);
  bool accept_waiting_model(const OpenRunPtr& open);  // true: the run has begun with it
  void accept_model(const OpenRunPtr& open, const OpenedModel& opened, const std::string& path);

  std::shared_ptr<Backend> backend_;
  EngineOptions options_;
  Mailbox mailbox_;

  // The engine thread's own.
  std::string device_ = "measuring how many threads train fastest";
  std::shared_ptr<const Dataset> data_;
  std::vector<OpenRunPtr> open_;  // ModelId{0} first; two at most
  std::vector<Notice> notices_;
  std::uint64_t notices_told_ = 0;
  std::uint64_t revision_ = 0;
  std::uint64_t saves_ = 0;
  std::uint64_t load_ticket_ = 0;  // of the newest LoadData; older deliveries are stale
  Clock::time_point publish_due_;

  std::atomic<bool> stopping_ = false;
  std::atomic<bool> activity_changed_ = false;
  std::atomic<bool> watched_ = true;
  mutable std::mutex snapshot_mutex_;
  SnapshotPtr snapshot_;

  PathWork path_work_{worker_, mailbox_, options_.write_pictures,
                      [this](std::string text, bool is_error) { tell(std::move(text), is_error); }};
  Worker worker_;  // its jobs use what stands above
  std::thread thread_;
};

}  // namespace zscape
