#include "app/cli/rank_crew.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "app/cli/interrupt.h"
#include "engine/io/atomic_file.h"
#include "engine/lab/execute.h"
#include "engine/text.h"
#include "engine/thrown.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kPause = 1ms;             // between two looks for messages
constexpr auto kBetweenReports = 500ms;  // of how far a run is

// A message is a letter and what belongs to it.
namespace letter {
// To rank 0:
constexpr char kReady = 'w';     // this rank has the data; its host
constexpr char kCannot = 'c';    // this rank can carry out no runs: host and why, a line each
constexpr char kProgress = 'p';  // how far its run is
constexpr char kResult = 'r';    // seconds and result, a line each, then the model's bytes
constexpr char kStops = 's';     // it has given its run up: by a signal, or it was told to
// To the others:
constexpr char kPrepare = 'd';     // a run whose data the lab needs
constexpr char kRun = 'x';         // a run
constexpr char kRunAndKeep = 'm';  // a run whose model is wanted
constexpr char kEnd = 'e';         // there is nothing more to do; each rank gets it once
}  // namespace letter

// The first line of a text, which loses it.
std::string take_line(std::string& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string line = text.substr(0, end);
  text.erase(0, end + 1);
  return line;
}

double number_of(const std::string& text) {
  return std::strtod(text.c_str(), nullptr);
}

// A run that has ended.
struct Done {
  LabResult result;
  double seconds = 0;
};

// Carries out runs on one thread.
class Executor {
 public:
  explicit Executor(const Surroundings& surroundings) : surroundings_(surroundings) {}

  // Makes the backend for such runs and loads their data. Fails where this machine cannot.
  Expected<void> prepare(const RunPlan& plan, const Progress& progress) {
    const ComputeOptions& wanted = plan.compute;
    const bool fits = backend_ && wanted.threads == options_.threads &&
                      wanted.kernels == options_.kernels &&
                      wanted.precision == options_.precision && wanted.device == options_.device;
    if (!fits) {
      const auto settled = surroundings_.settled(wanted);
      if (!settled) return tl::unexpected(settled.error());
      data_.reset();
      backend_ = surroundings_.make_backend(*settled);
      backend_->enter_thread(ThreadRole::engine);
      data_.emplace(*backend_);
      options_ = wanted;
    }
    if (auto loaded = data_->load(plan.data, progress); !loaded) {
      return tl::unexpected(loaded.error());
    }
    return {};
  }

  // Fails only where progress said stop.
  Expected<Done> execute(const LabRun& run, const std::string& models, const Progress& progress) {
    const auto began = Clock::now();
    const auto ready = prepare(run.plan, progress);
    if (!ready && ready.error().code == ErrorCode::cancelled) return tl::unexpected(ready.error());
    auto result = ready ? zscape::execute(run, *backend_, *data_, models, progress)
                        : failure_of(run, ready.error().message);
    if (!result) return tl::unexpected(result.error());
    return Done{*std::move(result), std::chrono::duration<double>(Clock::now() - began).count()};
  }

 private:
  const Surroundings& surroundings_;
  ComputeOptions options_;
  std::shared_ptr<Backend> backend_;
  std::optional<LabData> data_;
};

// A folder for the models of one rank, gone with this object.
class OwnFolder {
 public:
  OwnFolder() : path_(fs::temp_directory_path() / ("zscape-lab-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~OwnFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;

  std::string path() const { return path_.string(); }

  // A model's bytes, whose file goes; empty: there is none.
  std::string take(const std::string& key) const {
    const fs::path file = path_ / (key + ".safetensors");
    std::ifstream stream(file, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(stream), {});
    std::error_code ignored;
    fs::remove(file, ignored);
    return bytes;
  }

 private:
  fs::path path_;
};

}  // namespace

// Rank 0's own runs.
class RankCrew::OwnRuns {
 public:
  OwnRuns(const Surroundings& surroundings, std::string models)
      : models_(std::move(models)), thread_([this, &surroundings] { work(surroundings); }) {}
  ~OwnRuns() {
    {
      const std::lock_guard lock(mutex_);
      stops_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  OwnRuns(const OwnRuns&) = delete;
  OwnRuns& operator=(const OwnRuns&) = delete;

  void begin(LabRun run) {
    {
      const std::lock_guard lock(mutex_);
      run_ = std::move(run);
    }
    changed_.notify_all();
  }

  // Each event once; worker and host are the caller's.
  std::optional<CrewEvent> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(event_, std::nullopt);
  }

 private:
  void work(const Surroundings& surroundings) {
    Executor executor(surroundings);
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stops_ || run_; });
      if (stops_) return;
      const LabRun run = *std::exchange(run_, std::nullopt);
      lock.unlock();
      auto told = Clock::now();
      const Progress progress = [&](double fraction) {
        const std::lock_guard now(mutex_);
        if (Clock::now() - told > kBetweenReports) {
          told = Clock::now();
          event_ = {.kind = CrewEvent::Kind::progress, .fraction = fraction};
        }
        return !stops_;
      };
      CrewEvent event;
      try {
        auto done = executor.execute(run, models_, progress);
        if (!done) return;  // stops_
        event = {.kind = CrewEvent::Kind::done,
                 .result = std::move(done->result),
                 .seconds = done->seconds};
      } catch (const std::exception& error) {
        event = {.kind = CrewEvent::Kind::done, .result = failure_of(run, first_line(error))};
      }
      lock.lock();
      event_ = std::move(event);
    }
  }

  const std::string models_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::optional<LabRun> run_;
  std::optional<CrewEvent> event_;
  bool stops_ = false;
  std::thread thread_;  // last: it uses the others
};

RankCrew::RankCrew(Ranks& ranks, const Surroundings& surroundings, std::string models,
                   const LabRun& first, const std::function<void(const std::string&)>& note)
    : ranks_(ranks),
      models_(std::move(models)),
      workers_(static_cast<std::size_t>(ranks.size())),
      own_(std::make_unique<OwnRuns>(surroundings, models_)) {
  workers_[0].host = ranks_.host();
  for (int rank = 1; rank < size(); ++rank) ranks_.send(rank, letter::kPrepare + line_of(first));
  for (int answers = 1; answers < size();) {
    auto message = ranks_.receive();
    if (!message) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    ++answers;
    Worker& worker = workers_[static_cast<std::size_t>(message->from)];
    const char what = message->bytes.front();
    message->bytes.erase(0, 1);
    if (what == letter::kReady) {
      worker.host = message->bytes;
      continue;
    }
    worker.is_gone = true;
    if (what == letter::kStops) interrupt();
    if (what != letter::kCannot) continue;
    worker.host = take_line(message->bytes);
    note(tr("rank {} on {} carries out no runs: {}", message->from, worker.host, message->bytes));
  }
}

RankCrew::~RankCrew() {
  own_.reset();
  ends_ = true;
  try {
    leave_lab(ranks_);
    // Results may be on their way, which hold up their ranks until they are received.
    while (std::ranges::any_of(workers_.begin() + 1, workers_.end(), &Worker::has_run)) {
      if (auto message = ranks_.receive()) {
        event_of(*std::move(message));
      } else {
        std::this_thread::sleep_for(kPause);
      }
    }
  } catch (const std::exception&) {
    ranks_.abort(1);
  }
}

bool RankCrew::give(int worker, const LabRun& run) {
  Worker& to = workers_[static_cast<std::size_t>(worker)];
  if (to.is_gone) return false;
  to.has_run = true;
  if (worker == 0) {
    own_->begin(run);
  } else {
    ranks_.send(worker, (models_.empty() ? letter::kRun : letter::kRunAndKeep) + line_of(run));
  }
  return true;
}

CrewEvent RankCrew::wait(int milliseconds) {
  const auto end = Clock::now() + std::chrono::milliseconds(milliseconds);
  while (true) {
    if (auto event = next_event()) return *std::move(event);
    if (Clock::now() >= end) return {};
    std::this_thread::sleep_for(kPause);
  }
}

std::optional<CrewEvent> RankCrew::next_event() {
  if (auto own = own_->take()) {
    own->host = workers_[0].host;
    return own;
  }
  auto message = ranks_.receive();
  return message ? event_of(*std::move(message)) : std::nullopt;
}

std::optional<CrewEvent> RankCrew::event_of(RankMessage message) {
  Worker& worker = workers_[static_cast<std::size_t>(message.from)];
  const char what = message.bytes.front();
  message.bytes.erase(0, 1);
  CrewEvent event{.worker = message.from, .host = worker.host};
  if (what == letter::kProgress) {
    event.kind = CrewEvent::Kind::progress;
    event.fraction = number_of(message.bytes);
    return event;
  }
  worker.has_run = false;
  if (what != letter::kResult) {  // given up
    if (!ends_) interrupt();
    return std::nullopt;
  }
  event.kind = CrewEvent::Kind::done;
  event.seconds = number_of(take_line(message.bytes));
  auto result = result_from(take_line(message.bytes));
  if (!result) throw std::runtime_error(result.error().message);
  event.result = *std::move(result);
  write_model(event.result.key, message.bytes);
  return event;
}

void RankCrew::write_model(const std::string& key, const std::string& bytes) const {
  if (bytes.empty() || models_.empty()) return;
  const fs::path file = fs::path(models_) / (key + ".safetensors");
  const auto written = write_file_atomically(file.string(), std::as_bytes(std::span(bytes)));
  if (!written) throw std::runtime_error(written.error().message);
}

void leave_lab(Ranks& ranks) {
  for (int rank = 1; rank < ranks.size(); ++rank) ranks.send(rank, std::string(1, letter::kEnd));
}

void follow_lab(Ranks& ranks, const Surroundings& surroundings) {
  const OwnFolder folder;
  Executor executor(surroundings);
  bool is_over = false, has_stopped = false;
  auto told = Clock::now();
  // Rank 0 sends nothing but the end to a rank that works.
  const auto goes_on = [&] {
    if (!is_over && ranks.receive()) is_over = true;
    return !is_over && !interrupted();
  };
  const Progress progress = [&](double fraction) {
    if (Clock::now() - told > kBetweenReports) {
      told = Clock::now();
      ranks.send(0, letter::kProgress + std::to_string(fraction));
    }
    return goes_on();
  };
  const auto stop = [&] {
    if (!std::exchange(has_stopped, true)) ranks.send(0, std::string(1, letter::kStops));
  };
  while (!is_over) {
    if (interrupted()) stop();
    const auto message = ranks.receive();
    if (!message) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    const char what = message->bytes.front();
    if (what == letter::kEnd) return;
    const auto run = run_from(std::string_view(message->bytes).substr(1));
    if (!run) throw std::runtime_error(run.error().message);
    if (what == letter::kPrepare) {
      const auto ready = executor.prepare(run->plan, [&](double) { return goes_on(); });
      if (ready) {
        ranks.send(0, letter::kReady + ranks.host());
      } else if (ready.error().code == ErrorCode::cancelled) {
        stop();
      } else {
        ranks.send(0, letter::kCannot + ranks.host() + '\n' + ready.error().message);
      }
      continue;
    }
    const std::string models = what == letter::kRunAndKeep ? folder.path() : "";
    const auto done = executor.execute(*run, models, progress);
    if (done) {
      const std::string model = models.empty() ? "" : folder.take(run->key);
      ranks.send(0, letter::kResult + std::to_string(done->seconds) + '\n' + line_of(done->result) +
                        '\n' + model);
    } else {
      stop();
    }
  }
}

}  // namespace zscape
