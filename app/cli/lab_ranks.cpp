#include "app/cli/lab_ranks.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "app/cli/interrupt.h"
#include "app/cli/together.h"
#include "engine/io/atomic_file.h"
#include "engine/lab/execute.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kPause = 1ms;  // between two looks for messages

// A message is a letter and what belongs to it, a line each.
namespace letter {
// To rank 0:
constexpr char kWants = 'w';   // this rank waits for a run; its host
constexpr char kResult = 'r';  // seconds, result, the model's bytes; and it waits for the next
constexpr char kCannot = 'c';  // this rank cannot carry out its run, nor any other: why
constexpr char kStops = 's';   // a signal came to this rank, or it was told to stop
// To the others:
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

// A run that has ended.
struct Done {
  LabResult result;
  double seconds = 0;
  std::string model = {};  // the file's bytes; empty: none
};

std::string message_of(const Done& done) {
  return letter::kResult + std::to_string(done.seconds) + '\n' + line_of(done.result) + '\n' +
         done.model;
}

Done done_from(std::string text) {
  Done done;
  done.seconds = std::strtod(take_line(text).c_str(), nullptr);
  auto result = result_from(take_line(text));
  if (!result) throw std::runtime_error(result.error().message);
  done.result = *std::move(result);
  done.model = std::move(text);
  return done;
}

// Carries out runs on one thread.
class Executor {
 public:
  explicit Executor(const Surroundings& surroundings) : surroundings_(surroundings) {}

  // Cancelled: progress said stop. Another error: this machine cannot carry out runs of this lab.
  Expected<Done> execute(const LabRun& run, const std::string& models, const Progress& progress) {
    const auto began = Clock::now();
    if (auto ready = get_ready(run.plan, progress); !ready) return tl::unexpected(ready.error());
    auto result = zscape::execute(run, *backend_, *data_, models, progress);
    if (!result) return tl::unexpected(result.error());
    return Done{*std::move(result), std::chrono::duration<double>(Clock::now() - began).count()};
  }

 private:
  // One backend serves all runs with the same threads and kernels, and their data stay.
  Expected<void> get_ready(const RunPlan& plan, const Progress& progress) {
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

  const Surroundings& surroundings_;
  ComputeOptions options_;
  std::shared_ptr<Backend> backend_;
  std::optional<LabData> data_;
};

// Rank 0's own runs, on a thread of its own, so that messages never wait for them.
class OwnRuns {
 public:
  OwnRuns(const Surroundings& surroundings, std::string models)
      : models_(std::move(models)), thread_([this, &surroundings] { work(surroundings); }) {}
  ~OwnRuns() {
    stop();
    changed_.notify_all();
    thread_.join();
  }
  OwnRuns(const OwnRuns&) = delete;
  OwnRuns& operator=(const OwnRuns&) = delete;

  bool is_idle() const { return key_.empty(); }

  void begin(LabRun run) {
    key_ = run.key;
    {
      const std::lock_guard lock(mutex_);
      run_ = std::move(run);
    }
    changed_.notify_all();
  }

  // The end of what was begun, once; nothing: there is none now.
  std::optional<Expected<Done>> take() {
    const std::lock_guard lock(mutex_);
    if (ended_) key_.clear();
    return std::exchange(ended_, std::nullopt);
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }

 private:
  void work(const Surroundings& surroundings) {
    Executor executor(surroundings);
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stops_ || run_; });
      if (!run_) return;
      const LabRun run = *std::exchange(run_, std::nullopt);
      lock.unlock();
      Expected<Done> done = fail("");
      try {
        done = executor.execute(run, models_, [this](double) {
          const std::lock_guard now(mutex_);
          return !stops_;
        });
      } catch (const std::exception& error) {
        done = fail(error.what());
      }
      lock.lock();
      ended_ = std::move(done);
    }
  }

  const std::string models_;
  std::string key_;   // of the run under way; of the thread that hands out
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::optional<LabRun> run_;
  std::optional<Expected<Done>> ended_;
  bool stops_ = false;
  std::thread thread_;  // last: it uses the others
};

class Lead {
 public:
  Lead(Ranks& ranks, LabQueue& queue, const Surroundings& surroundings, const LabLead& lead)
      : ranks_(ranks), queue_(queue), lead_(lead), own_(surroundings, lead.models) {}

  void run() {
    auto shown = Clock::now();
    while (true) {
      bool moved = false;
      while (auto message = ranks_.receive()) {
        moved = true;
        accept(*std::move(message));
      }
      if (auto ended = own_.take()) {
        moved = true;
        accept_own(*std::move(ended));
      }
      if (interrupted() && !stops_) stop();
      if (!stops_) hand_out();
      const bool is_idle = busy_.empty() && own_.is_idle();
      if (is_idle && (stops_ || queue_.is_done())) break;
      if (lead_.waits && Clock::now() - shown > 200ms) {
        lead_.waits();
        shown = Clock::now();
      }
      if (!moved) std::this_thread::sleep_for(kPause);
    }
    if (!stops_) leave_lab(ranks_);
  }

 private:
  void accept(RankMessage message) {
    const int from = message.from;
    const char what = message.bytes.empty() ? letter::kStops : message.bytes.front();
    message.bytes.erase(0, 1);
    switch (what) {
      case letter::kWants:
        hosts_[from] = message.bytes;
        idle_.insert(from);
        return;
      case letter::kResult: {
        Done done = done_from(std::move(message.bytes));
        busy_.erase(from);
        idle_.insert(from);
        keep_model(done);
        keep(done, hosts_[from]);
        return;
      }
      case letter::kCannot:
        give_back(from);
        note(tr("rank {} on {} carries out no runs: {}", from, hosts_[from], message.bytes));
        return;
      default:
        give_back(from);
        interrupt();
        return;
    }
  }

  void accept_own(Expected<Done> ended) {
    const std::string key = std::exchange(own_key_, "");
    if (ended) {
      keep(*ended, ranks_.host());
    } else if (ended.error().code == ErrorCode::cancelled) {
      queue_.give_back(key);
    } else {
      throw std::runtime_error(ended.error().message);
    }
  }

  void give_back(int rank) {
    idle_.erase(rank);
    const auto had = busy_.find(rank);
    if (had == busy_.end()) return;
    queue_.give_back(had->second);
    busy_.erase(had);
  }

  void keep(const Done& done, const std::string& host) {
    if (auto taken = queue_.take(done.result, done.seconds, host); !taken) {
      throw std::runtime_error(taken.error().message);
    }
    if (lead_.took) lead_.took(done.result);
  }

  void keep_model(const Done& done) {
    if (done.model.empty() || lead_.models.empty()) return;
    const fs::path file = fs::path(lead_.models) / (done.result.key + ".safetensors");
    if (auto written = write_file_atomically(file.string(), std::as_bytes(std::span(done.model)));
        !written) {
      throw std::runtime_error(written.error().message);
    }
  }

  void note(const std::string& text) const {
    if (lead_.note) lead_.note(text);
  }

  void hand_out() {
    while (!idle_.empty()) {
      auto run = queue_.next();
      if (!run) return;
      const int to = *idle_.begin();
      idle_.erase(to);
      busy_[to] = run->key;
      ranks_.send(to, (lead_.models.empty() ? letter::kRun : letter::kRunAndKeep) + line_of(*run));
    }
    if (!own_.is_idle()) return;
    if (auto run = queue_.next()) {
      own_key_ = run->key;
      own_.begin(*std::move(run));
    }
  }

  void stop() {
    stops_ = true;
    own_.stop();
    leave_lab(ranks_);
  }

  Ranks& ranks_;
  LabQueue& queue_;
  const LabLead& lead_;
  std::set<int> idle_;                // ranks that wait for a run
  std::map<int, std::string> busy_;   // rank → the key of its run
  std::map<int, std::string> hosts_;  // of ranks
  std::string own_key_;               // of the run under way here
  bool stops_ = false;
  OwnRuns own_;
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

void lead_lab(Ranks& ranks, LabQueue& queue, const Surroundings& surroundings,
              const LabLead& lead) {
  Lead(ranks, queue, surroundings, lead).run();
}

void leave_lab(Ranks& ranks) {
  for (int rank = 1; rank < ranks.size(); ++rank) ranks.send(rank, std::string(1, letter::kEnd));
}

void follow_lab(Ranks& ranks, const Surroundings& surroundings) {
  const OwnFolder folder;
  Executor executor(surroundings);
  bool is_over = false, has_stopped = false;
  // Rank 0 sends nothing but the end to a rank that has a run.
  const Progress progress = [&](double) {
    if (!is_over && ranks.receive()) is_over = true;
    return !is_over && !interrupted();
  };
  const auto stop = [&] {
    if (!std::exchange(has_stopped, true)) ranks.send(0, std::string(1, letter::kStops));
  };
  ranks.send(0, letter::kWants + ranks.host());
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
    const std::string models = what == letter::kRunAndKeep ? folder.path() : "";
    auto done = executor.execute(*run, models, progress);
    if (done) {
      if (!models.empty()) done->model = folder.take(run->key);
      ranks.send(0, message_of(*done));
    } else if (done.error().code == ErrorCode::cancelled) {
      stop();
    } else {
      ranks.send(0, letter::kCannot + done.error().message);
    }
  }
}

}  // namespace zscape
