#include "app/cli/lab_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/lab_crew.h"
#include "app/cli/rank_crew.h"
#include "app/files/folder_lock.h"
#include "app/files/source_kind.h"
#include "engine/data/formats.h"
#include "engine/lab/claim.h"
#include "engine/lab/execute.h"
#include "engine/lab/queue.h"
#include "engine/physical_memory.h"
#include "engine/text.h"
#include "engine/training/parameters.h"

namespace zscape {
namespace {

// What a worker has besides its data: LibTorch, a small model with its moments, batches.
constexpr std::uint64_t kBytesOfWorker = std::uint64_t{400} << 20U;

// The setting with this key; null: there is none.
const LabSetting* setting_of(const std::vector<LabSetting>& settings, std::string_view key) {
  const auto found = std::ranges::find(settings, key, &LabSetting::key);
  return found == settings.end() ? nullptr : &*found;
}

// How all runs compute, so that a table has the same bits however many there are at once and
// however often it was interrupted: one thread of the CPU each, with the kernels that are fastest
// here, or those with which the folder began.
Outcome<std::vector<LabSetting>> computing(const LabTask& task, const Surroundings& surroundings,
                                           const std::optional<Experiment>& former) {
  std::vector<LabSetting> settings = task.options.settings;
  ComputeOptions options{.threads = 1, .device = Device::cpu};
  for (const char* key : {"threads", "kernels", "precision", "device"}) {
    const LabSetting* given = setting_of(settings, key);
    if (given == nullptr) given = setting_of(task.experiment.plan, key);
    if (given == nullptr && former) given = setting_of(former->plan, key);
    if (given == nullptr) continue;
    RunPlan plan;
    plan.compute = options;
    parameter(key).field.read(plan, given->text);
    options = plan.compute;
  }
  const auto settled = surroundings.settled(options);
  if (!settled) return failed(settled.error().message);
  RunPlan plan;
  plan.compute = *settled;
  for (const char* key : {"threads", "kernels", "precision", "device"}) {
    std::erase_if(settings, [&](const LabSetting& each) { return each.key == key; });
    settings.push_back({std::string(key), parameter(key).field.text(plan)});
  }
  return settings;
}

std::uint64_t bytes_of(const Dataset& data) {
  std::uint64_t bytes = 0;
  for (const Split* split : {&data.train, &data.test}) {
    if (split->is_mapped()) continue;
    const auto numbers =
        static_cast<std::uint64_t>(split->count) * static_cast<std::uint64_t>(data.inputs());
    bytes += numbers * (split->pixels.empty() ? sizeof(float) : 1);
  }
  return bytes;
}

// An experiment's runs on their data, with keys.
struct Settled {
  Experiment experiment;
  std::vector<LabRun> runs;
  std::uint64_t data_bytes = 0;
};

Outcome<Settled> settled_runs(const LabTask& task, const Surroundings& surroundings,
                              const std::optional<Experiment>& former, Console& console) {
  LabOptions options = task.options;
  auto settings = computing(task, surroundings, former);
  if (!settings) return tl::unexpected(settings.error());
  options.settings = *std::move(settings);
  std::string source = options.data.value_or(task.experiment.data);
  if (auto fits = check_is_data(source); !fits) return failed(fits.error().message);
  // The same file from whatever folder the lab goes on.
  if (!is_data_name(source)) {
    source = std::filesystem::absolute(source).lexically_normal().string();
  }
  options.data = source;
  auto experiment = with_options(task.experiment, options);
  if (!experiment) return failed(experiment.error().message);
  auto runs = runs_of(*experiment);
  if (!runs) return failed(runs.error().message);
  const auto backend = surroundings.make_backend({.threads = 1, .device = Device::cpu});
  backend->enter_thread(ThreadRole::helper);
  LabData data(*backend);
  ProgressLine line(console);
  const auto progress = line.progress(tr("loading {}", source));
  if (auto fits = settle(*runs, data, progress); !fits) return ended_by(fits.error());
  Settled made{*std::move(experiment), *std::move(runs), 0};
  for (const LabRun& run : made.runs) {
    const auto loaded = data.load(run.plan.data);
    if (loaded) made.data_bytes = std::max(made.data_bytes, bytes_of(*loaded->data));
  }
  return made;
}

// "latent 2, depth PCA, seed 3"
std::string run_text(const LabResult& result) {
  return result.axes.empty() ? tr("seed {}", result.seed)
                             : tr("{}, seed {}", place_text(result.axes), result.seed);
}

class Teller {
 public:
  Teller(const LabTask& task, Console& console) : task_(task), console_(console), line_(console) {}

  bool operator()(const CrewProgress& progress) {
    if (progress.ended != nullptr) tell_end(progress);
    if (line_.is_due()) {
      line_.show(tr("{}/{} runs", progress.finished + progress.failed, progress.all),
                 progress.fraction,
                 progress.seconds_left ? tr("ETA {}", duration_text(*progress.seconds_left))
                                       : std::string());
    }
    return !interrupted();
  }

  void clear() { line_.clear(); }

 private:
  void tell_end(const CrewProgress& progress) {
    const LabResult& ended = *progress.ended;
    if (!ended.error.empty()) {
      line_.clear();
      console_.err << tr("failed: {}: {}", run_text(ended), ended.error) << std::endl;
    } else if (!line_.is_terminal()) {
      const std::string left = duration_text(progress.seconds_left.value_or(0));
      line_.plain_line(tr("run {}/{}: {}; ETA {}", progress.finished + progress.failed,
                          progress.all, run_text(ended), left));
    }
    if (!task_.json) return;
    line_.clear();
    Json line = {{"done", progress.finished},
                 {"failed", progress.failed},
                 {"all", progress.all},
                 {"seconds_left", number_or_null(progress.seconds_left)},
                 {"key", ended.key}};
    if (!ended.error.empty()) line["error"] = ended.error;
    console_.out << one_line(line) << std::endl;
  }

  const LabTask& task_;
  Console& console_;
  ProgressLine line_;
};

Outcome<void> make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && std::filesystem::is_directory(folder, error)) return {};
  return failed(tr("--out: {} cannot be made: {}", folder,
                   error ? error.message() : std::string(tr("a file lies there"))));
}

// Lets the other ranks go, whatever ends rank 0 before it makes a crew of them.
class Leaving {
 public:
  explicit Leaving(Ranks* ranks) : ranks_(ranks) {}
  ~Leaving() {
    if (ranks_ != nullptr) leave_lab(*ranks_);
  }
  Leaving(const Leaving&) = delete;
  Leaving& operator=(const Leaving&) = delete;
  void cancel() { ranks_ = nullptr; }

 private:
  Ranks* ranks_;  // null: there are none, or they are in a crew
};

std::optional<Experiment> former_experiment(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::exists(experiment_file(folder), error)) return std::nullopt;
  auto table = read_results(folder);
  if (!table) return std::nullopt;  // LabQueue::open says what is wrong
  return std::move(table->experiment);
}

}  // namespace

int default_jobs(int cores, int threads, std::size_t runs, std::uint64_t memory,
                 std::uint64_t data_bytes) {
  std::uint64_t jobs = static_cast<std::uint64_t>(std::max(cores / std::max(threads, 1), 1));
  if (memory > 0) jobs = std::min(jobs, memory / (kBytesOfWorker + 2 * data_bytes));
  jobs = std::min<std::uint64_t>(jobs, runs);
  return static_cast<int>(std::max<std::uint64_t>(jobs, 1));
}

void print_lab(const LabTable& table, std::ostream& out) {
  if (!table.experiment.question.empty()) out << table.experiment.question << "\n\n";
  out << table_text(table);
  for (const ClaimVerdict& verdict : judge_claims(table)) {
    out << fmt::format("\n{:<9}  {}\n           {}\n", name_of(verdict.judgement.finding),
                       verdict.claim->says, verdict.judgement.sentence);
  }
  out << std::flush;
}

void print_lab_json(const LabTable& table, const std::string& folder, std::ostream& out) {
  Json line = {{"experiment", table.experiment.name},
               {"folder", folder},
               {"runs", table.runs.size()},
               {"finished", table.finished()},
               {"failed", table.failed()},
               {"rows", Json::array()},
               {"claims", Json::array()}};
  const std::vector<std::string> columns = columns_of(table);
  for (const LabRow& row : rows_of(table)) {
    Json figures = Json::object();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const LabMean& mean = row.means[i];
      figures[columns[i]] = {{"mean", number_or_null(mean.mean)},
                             {"standard_error", number_or_null(mean.standard_error)},
                             {"seeds", mean.seeds}};
    }
    Json place = Json::object();
    for (const AxisPlace& each : row.place) place[each.axis] = each.value;
    line["rows"].push_back({{"axes", place}, {"figures", figures}});
  }
  for (const ClaimVerdict& verdict : judge_claims(table)) {
    line["claims"].push_back({{"says", verdict.claim->says},
                              {"verdict", name_of(verdict.judgement.finding)},
                              {"sentence", verdict.judgement.sentence}});
  }
  out << one_line(line) << std::endl;
}

namespace {

// In this process, with a crew of its own. leaves: where no crew is made.
Outcome<void> lead_lab(const LabTask& task, const Surroundings& surroundings, Console& console,
                       Leaving& leaves) {
  if (auto made = make_folder(task.folder); !made) return made;
  const auto lock = FolderLock::take(task.folder);
  if (!lock) return failed(tr("--out: another lab is running in {}", task.folder));
  auto settled = settled_runs(task, surroundings, former_experiment(task.folder), console);
  if (!settled) return tl::unexpected(settled.error());
  std::string models;
  if (task.keeps_models) {
    models = (std::filesystem::path(task.folder) / "models").string();
    if (auto made = make_folder(models); !made) return made;
  }
  const LabRun first = settled->runs.front();
  const ComputeOptions& compute = first.plan.compute;
  auto queue = LabQueue::open(task.folder, settled->experiment, std::move(settled->runs));
  if (!queue) return failed(queue.error().message);
  if (queue->kept() > 0) {
    console.err << tr("{} of {} runs are done already", queue->kept(), queue->all()) << std::endl;
  }
  const std::size_t left = queue->all() - queue->kept();
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const int jobs =
      task.jobs > 0 ? static_cast<int>(std::min<std::size_t>(task.jobs, std::max(left, {1})))
      : compute.device == Device::cuda  // recorded steps need a GPU for themselves
          ? 1
          : default_jobs(cores, compute.threads, left, physical_memory(), settled->data_bytes);
  if (!queue->is_done()) {
    Teller teller(task, console);
    std::unique_ptr<LabCrew> crew;
    if (task.ranks) {
      leaves.cancel();
      crew = std::make_unique<RankCrew>(
          *task.ranks, surroundings, models, first,
          [&](const std::string& note) { console.err << tr("note: {}", note) << std::endl; });
    } else {
      crew = std::make_unique<ProcessCrew>(jobs, models);
    }
    const auto worked = work_off(*queue, *crew, std::ref(teller));
    teller.clear();
    if (!worked && interrupted()) {
      console.err << tr("{} of {} runs are done; the same command goes on with the rest",
                        queue->finished(), queue->all())
                  << std::endl;
      return ended_by_signal();
    }
    if (!worked) return failed(worked.error().message);
  }
  if (auto finished = queue->finish(); !finished) return failed(finished.error().message);
  const auto table = read_results(task.folder);
  if (!table) return failed(table.error().message);
  if (task.json) {
    print_lab_json(*table, task.folder, console.out);
  } else {
    print_lab(*table, console.out);
  }
  if (queue->failures().empty()) return {};
  return failed(tr("{} of {} runs failed; the same command tries them again",
                   queue->failures().size(), queue->all()));
}

}  // namespace

Outcome<void> run_lab(const LabTask& task, const Surroundings& surroundings, Console& console) {
  watch_for_interrupt();
  if (task.ranks && task.jobs > 0) {  // in every rank alike
    return wrong_usage(tr("--jobs: mpirun or srun has said how many there are; leave it out"));
  }
  if (task.ranks && !task.ranks->is_first()) {
    follow_lab(*task.ranks, surroundings);
    if (interrupted()) return ended_by_signal();
    return {};
  }
  Leaving leaves(task.ranks.get());
  return lead_lab(task, surroundings, console, leaves);
}

}  // namespace zscape
