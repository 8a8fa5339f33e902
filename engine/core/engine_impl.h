#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/mailbox.h"
#include "engine/core/run.h"
#include "engine/core/run_store.h"
#include "engine/core/session_files.h"
#include "engine/core/worker.h"
#include "engine/engine.h"
#include "engine/text.h"

namespace zscape {

// The inside of an Engine. Everything but post() and snapshot() belongs to the engine thread;
// background work answers through the mailbox.
//   engine.cpp           the loop, snapshots, commands that act at once
//   engine_codes.cpp     codes that something else made
//   engine_files.cpp     data and models that are loaded, opened, saved and exported
//   engine_store.cpp     runs that are put away and brought back
//   engine_past.cpp      earlier steps of a run, and what forks from them
//   engine_forecast.cpp  what a KL weight is measured against
//   engine_evidence.cpp  the exact posterior and evidence of one input
//   engine_fields.cpp    what layers of the latent view measure
//   engine_pictures.cpp  pictures, codes, errors and geodesics made for the window
//   engine_gaps.cpp      the gaps between log p(x) and its bound
//   engine_jacobian.cpp  ∂x̂/∂x
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
                 .deliver =
                     [this](std::optional<ModelId> about, std::function<void()> run) {
                       mailbox_.deliver({about, std::move(run)});
                     }}) {
    open_.push_back(std::make_shared<OpenRun>(ModelId{0}, 0, *backend_, options_));
    show();
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

  // Codes that something else made, as rows of data.
  struct CodeRows {
    std::shared_ptr<const Dataset> rows;
    FrozenModelPtr decoder;  // null: they came without one
  };
  // What a model file may hold: weights, or a whole run.
  using Opened = std::variant<OpenedModel, KeptRun>;

  struct KeptLens;

  // One model and the work under way for it. Background work holds weak pointers to it, since the
  // model may be removed meanwhile.
  struct OpenRun {
    OpenRun(ModelId id, std::uint64_t number, Backend& backend, const EngineOptions& options)
        : run(id, backend, options), serial(number) {}
    Run run;
    const std::uint64_t serial;                                   // ModelView::serial
    std::optional<std::pair<Opened, std::string>> waiting_model;  // opened before the data
    std::optional<OpenModel> waiting_codes;  // to be read once there are data, which they may be
    DataRequest request;                     // of the data that its run learns from
    std::shared_ptr<KeptLens> lens;  // the interactive lane looks through it; null: never asked
    Indices measured;                // the rows that MeasureErrors is working on; null: none
    std::set<SplitName> gaps_of;     // the splits that MeasureGaps is working on
  };
  using OpenRunPtr = std::shared_ptr<OpenRun>;

  void loop();
  void handle(const Mailbox::Message& message);
  Clock::time_point refresh(int running, bool weights_due);
  void publish();
  void show();  // makes a new snapshot the current one
  bool any_of(bool (Run::*holds)() const) const;
  void train(const OpenRunPtr& open);
  OpenRunPtr find(ModelId id) const;  // null: not open
  void encode_everything(const OpenRunPtr& open);
  void leave_pause(OpenRun& open);  // withdraws what only a pause needs …
  void leave_run(OpenRun& open);    // … and what only this run does

  // about: what has failed, if it may work later, and settle() ends the notice then.
  void tell(std::string text, bool is_error, std::string about = {});
  void tell_of(const OpenRun* open, const std::string& text, bool is_error,
               std::string about = {});  // says which model
  // Silent about an answer that nobody waits for; a cancellation is not an error.
  void tell_of(const OpenRun* open, const Error& error, std::string about = {}) {
    if (error.code == ErrorCode::superseded) return;
    tell_of(open, error.message, error.code != ErrorCode::cancelled, std::move(about));
  }
  void settle(const std::string& about);
  // What notices are about: a job's kind, of this model.
  static std::string about(std::string_view what, ModelId model) {
    return fmt::format("{} {}", what, model.value);
  }
  bool accepts(const Expected<void>& checked);  // if not, says why
  static Expected<void> check_kl_weight(double kl_weight);

  // Calls act(open) for each open model; a model that fails is paused, and the rest go on.
  template <class Act>
  void on_each(const Act& act) {
    const std::vector<OpenRunPtr> all = open_;
    for (const OpenRunPtr& open : all) {
      try {
        act(open);
      } catch (const std::exception& error) {
        fail_with(open.get(), error);
      }
    }
  }
  void fail_with(OpenRun* open, const std::exception& error);  // null: no particular model

  // Does work(progress) in the background; calls take(open, answer) if the model is still open
  // then. submit_for() calls take(open, value) only, and tells of an error itself.
  template <class Work, class Take>
  void submit(const OpenRunPtr& open, Job job, Work work, Take take) {
    job.model = open->run.id();
    worker_.submit(std::move(job), std::move(work),
                   [to = std::weak_ptr(open), take = std::move(take)](auto answer) mutable {
                     if (const OpenRunPtr owner = to.lock()) take(owner, std::move(answer));
                   });
  }

  template <class Work, class Take>
  void submit_for(const OpenRunPtr& open, Job job, Work work, Take take) {
    std::string what = about(job.key, open->run.id());
    submit(open, std::move(job), std::move(work),
           [this, take = std::move(take), what = std::move(what)](const OpenRunPtr& owner,
                                                                  auto answer) mutable {
             if (answer) {
               settle(what);
               take(*owner, *std::move(answer));
             } else {
               tell_of(owner.get(), answer.error(), what);
             }
           });
  }
  // For what no model is asked: says that it is done, or why not.
  void tell_outcome(const Expected<std::string>& said, const std::string& about) {
    if (said) {
      settle(about);
      tell(*said, false);
    } else {
      tell_of(nullptr, said.error(), about);
    }
  }

  void apply(const Start&, const OpenRunPtr& open) {
    if (open->run.finished()) return;
    leave_pause(*open);
    settle(about("training", open->run.id()));
    open->run.start();
  }
  void apply(const Pause&, const OpenRunPtr& open);
  void apply(const Step&, const OpenRunPtr& open);
  void apply(const Reset&, const OpenRunPtr& open);
  void apply(const SetKlWeight& command, const OpenRunPtr& open);
  void apply(const SetKlSchedule& command, const OpenRunPtr& open);
  void apply(const SetHoldOut& command, const OpenRunPtr& open);
  void apply(const SetParameter& command, const OpenRunPtr& open);
  void apply(const ReplaceModel& command, const OpenRunPtr& open);
  void apply(const LoadData& command, const OpenRunPtr& open);
  void apply(const SaveModel& command, const OpenRunPtr& open);
  void apply(const OpenModel& command, const OpenRunPtr& open);
  void apply(const Decode& command, const OpenRunPtr& open);
  void apply(const Encode& command, const OpenRunPtr& open);
  void apply(const MeasureErrors& command, const OpenRunPtr& open);
  void apply(const MeasureGaps& command, const OpenRunPtr& open);
  void apply(const Evaluate& command, const OpenRunPtr& open);
  void apply(const Certify& command, const OpenRunPtr& open);
  void apply(const ExportCertificate& command, const OpenRunPtr& open);
  void apply(const FindGeodesic& command, const OpenRunPtr& open);
  void apply(const FindNeighbours& command, const OpenRunPtr& open);
  void apply(const FindEvidence& command, const OpenRunPtr& open);
  void apply(const MeasureField& command, const OpenRunPtr& open);
  void measure_field(const PlaneQuestion& asked, const OpenRunPtr& open);
  void measure_field(const ForcesQuestion& asked, const OpenRunPtr& open);
  void measure_field(const LengthsQuestion& asked, const OpenRunPtr& open);
  void measure_field(const SplitQuestion& asked, const OpenRunPtr& open);
  void apply(const MeasureJacobian& command, const OpenRunPtr& open);
  void apply(const ExportPath& command, const OpenRunPtr& open);
  void apply(const Cancel& command, const OpenRunPtr&) { worker_.cancel(command.activity); }
  void apply(const Reconstruct& command, const OpenRunPtr& open);
  void apply(const ExportCurves& command, const OpenRunPtr& open);
  void apply(const ExportInputs& command, const OpenRunPtr& open);
  void apply(const AddModel& command, const OpenRunPtr& open);
  void apply(const RemoveModel& command, const OpenRunPtr& open);
  void apply(const KeepRun& command, const OpenRunPtr& open);
  void apply(const ResumeRun& command, const OpenRunPtr& open);
  void apply(const ReturnTo& command, const OpenRunPtr& open);
  void apply(const ReturnToStep& command, const OpenRunPtr& open);
  void apply(const Fork& command, const OpenRunPtr& open);
  void apply(const MeasureSpectrum& command, const OpenRunPtr&);
  void apply(const PinRun& command, const OpenRunPtr&) { store_.pin(command.run, command.pinned); }
  void apply(const SetStoreSize& command, const OpenRunPtr&);

  std::vector<SpectrumPtr> shown_spectra() const;  // of data_
  void add_opened(const AddModel& command);        // with a path
  void remove(const OpenRunPtr& open);
  // Whether the new run has begun. If not, says why, and the former run goes on.
  bool begin(const OpenRunPtr& open, const ModelSpec& spec, const FrozenModelPtr& start,
             PutAway why);
  // Data with their checksum, which is counted where nothing waits for it.
  struct Loaded {
    std::shared_ptr<const Dataset> data;
    std::uint32_t checksum = 0;
  };
  Expected<Loaded> load(const DataRequest& request, const Progress& progress);  // on any thread
  std::shared_ptr<const Dataset> take_loaded(Loaded loaded);  // remembers the checksum
  std::uint32_t checksum_of(const std::shared_ptr<const Dataset>& data);
  void accept_data(std::shared_ptr<const Dataset> data, const DataRequest& request);
  void set_data(std::shared_ptr<const Dataset> data, const DataRequest& request);
  void begin_with_data(const OpenRunPtr& open);
  std::optional<WholeRun> put_away(const OpenRun& open, PutAway why) const;
  // Calls begin() and, where another run has begun then, stores the former one.
  template <class Begin>
  Expected<void> replacing(OpenRun& open, PutAway why, const Begin& begin) {
    const std::uint64_t number = open.run.number(), came_from = open.run.view().returned_to;
    auto left = put_away(open, why);
    const auto keep = [&] {
      if (open.run.number() == number) return;
      settle(about("training", open.run.id()));
      // A model that did not fit the data that just came is told of before their own run begins.
      if (why != PutAway::new_data) settle(about("opening", open.run.id()));
      store(std::move(left), came_from);
    };
    try {
      const Expected<void> begun = begin();
      keep();
      return begun;
    } catch (...) {
      keep();
      throw;
    }
  }
  void store(std::optional<WholeRun> left, std::uint64_t came_from);
  void restore_stored(std::vector<WholeRun> runs);
  void share_memory();
  OpenRunPtr open_beside(ModelId id);  // a model without a run; null: there is no room
  void return_to(ModelId id, const WholeRun& whole, std::shared_ptr<const Dataset> data);
  // Reaches a step of `open` on the patient lane; take(open, Expected<ReachedStep>).
  template <class Take>
  void reach(const OpenRunPtr& open, std::shared_ptr<const Run::Earlier> earlier, Job job,
             Take take);
  bool accept_waiting_model(const OpenRunPtr& open);  // true: its run has begun
  void export_by(const char* about, Job job,
                 std::function<Expected<std::string>(const Progress&)> work);
  bool can_write(const std::string& path);                                       // if not, says why
  Expected<Opened> open_file(const std::string& path, const SaidOfModel& said);  // on any thread
  void accept_opened(const OpenRunPtr& open, const Opened& opened, const std::string& path);
  bool loads_data_for(const OpenRunPtr& open, const OpenedModel& opened, const std::string& path);
  void open_codes(const OpenModel& command, const OpenRunPtr& open);
  Expected<CodeRows> read_codes(const OpenModel& command,
                                const std::shared_ptr<const Dataset>& data,
                                const Progress& progress);  // on any thread
  void refuse_codes(const OpenRunPtr& open, const std::string& why);
  void accept_codes(const OpenRunPtr& open, const CodeRows& codes, const std::string& path);
  void accept_model(const OpenRunPtr& open, const OpenedModel& opened, const std::string& path);
  // A run from a file, with what lies beside it.
  struct ReadRun {
    KeptRun run;
    RunPast past = {};
    std::vector<WholeRun> stored = {};
  };
  Expected<void> resume(const OpenRunPtr& open, ReadRun read);
  // Whether the loaded data may be the run's, if they are read as it read them.
  bool may_lie_here(const KeptRun& run);
  void look_here(const OpenRunPtr& open, const std::string& path, ReadRun read);  // then answers
  void answer_resume(const OpenRunPtr& open, const std::string& path, Expected<ReadRun> read);

  std::shared_ptr<Backend> backend_;
  EngineOptions options_;
  Mailbox mailbox_;

  // The engine thread's own.
  std::string device_ = tr("measuring how many threads train fastest");
  std::shared_ptr<const Dataset> data_;
  DataRequest request_;  // of data_
  std::vector<std::pair<std::weak_ptr<const Dataset>, std::uint32_t>> checksums_;
  struct AskedSpectrum {
    SpectrumKind kind;
    SpectrumPtr answer;  // null: under way
  };
  std::weak_ptr<const Dataset> spectra_of_;
  std::vector<AskedSpectrum> spectra_;
  RunStore store_{[this](const RunStore::DataPtr& data) { return checksum_of(data); }};
  SessionFiles session_files_{*backend_};  // the lengthy lane's
  std::vector<OpenRunPtr> open_;           // ModelId{0} first; three at most
  std::vector<Notice> notices_;
  std::uint64_t notices_told_ = 0;  // and settled
  std::set<std::string> failed_;    // of Notice::about, not settled
  std::map<std::string, std::uint64_t> settled_;
  std::uint64_t models_added_ = 0;
  std::uint64_t revision_ = 0;
  Clock::time_point publish_due_;
  Clock::time_point trim_due_;  // of the heap

  std::atomic<bool> stopping_ = false;
  std::atomic<bool> activity_changed_ = false;
  std::atomic<bool> watched_ = true;
  mutable std::mutex snapshot_mutex_;
  SnapshotPtr snapshot_;

  Worker worker_;  // after the members that its jobs use
  std::thread thread_;
};

}  // namespace zscape
