#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "app/cli/json_value.h"
#include "app/cli/lab_run.h"
#include "app/cli/rank_crew.h"
#include "app/cli/subcommand.h"
#include "app/lab/report.h"
#include "engine/lab/experiment.h"
#include "engine/text.h"

namespace zscape {
namespace {

// An experiment that came along, or a file.
Outcome<Experiment> experiment_named(const std::string& name) {
  std::string names;
  for (const BuiltInExperiment& each : built_in_experiments()) {
    if (each.name == name) {
      auto read = experiment_from(each.json, each.name);
      if (!read) return failed(read.error().message);
      return *std::move(read);
    }
    (names += names.empty() ? "" : ", ") += each.name;
  }
  std::ifstream stream(name, std::ios::binary);
  std::string text;
  if (stream) text.assign(std::istreambuf_iterator<char>(stream), {});
  if (!stream || stream.bad() || text.empty()) {
    return wrong_usage(tr("{} is no experiment and no file with one; there are {}", name, names));
  }
  auto read = experiment_from(text, name);
  if (!read) return failed(read.error().message);
  return *std::move(read);
}

class ListCommand : public Subcommand {
 public:
  explicit ListCommand(CLI::App& app) : Subcommand(app) { add_json(); }

  Outcome<void> run(const Surroundings&, Console& console) override {
    for (const BuiltInExperiment& each : built_in_experiments()) {
      const auto read = experiment_from(each.json, each.name);
      if (!read) return failed(read.error().message);
      if (!json_) {
        console.out << fmt::format("{:<12}  {}\n", read->name, read->question);
        continue;
      }
      const auto runs = runs_of(*read);
      if (!runs) return failed(runs.error().message);
      console.out << one_line(Json{{"name", read->name},
                                   {"question", read->question},
                                   {"runs", runs->size()},
                                   {"quick", read->has_quick}})
                  << '\n';
    }
    return {};
  }
};

class RunCommand : public Subcommand {
 public:
  explicit RunCommand(CLI::App& app) : Subcommand(app) {
    options_.text("NAME|FILE", "", name_, tr("An experiment of zscape lab list, or a file."))
        ->required();
    options_
        .text("--out", "DIR", task_.folder,
              tr("The folder of the results. What is in it already is not run again."))
        ->required();
    options_.add("--data", "DATA", tr("The data, as zscape train has it."), tr("the experiment's"),
                 [this](std::string_view text) {
                   task_.options.data = text;
                   return text.empty() ? std::string(tr("a name")) : std::string();
                 });
    options_.number("--seeds", task_.options.seeds, 1, 10'000,
                    tr("Seeds, each with a run of every combination."), tr("the experiment's"));
    options_.flag("--quick", task_.options.quick,
                  tr("The smaller version: some minutes on two cores."));
    options_.number("--jobs", task_.jobs, 1, 4096, tr("Runs at once, a process each."),
                    tr("one for each core, as memory allows"));
    options_.flag(
        "--no-models", [this] { task_.keeps_models = false; }, tr("Keeps no models of the runs."));
    for (const char* key : {"threads", "kernels", "device"}) {
      parameters_.add(parameter(key), "",
                      std::string_view(key) == "threads"  ? "1"
                      : std::string_view(key) == "device" ? "cpu"
                                                          : parameter(key).initial);
    }
    add_json();
  }

  bool takes_ranks() const override { return true; }

  Outcome<void> run(const Surroundings& surroundings, Console& console) override {
    task_.ranks = ranks_;
    // Rank 0 alone needs the experiment's file.
    if (ranks_ && !ranks_->is_first()) return run_lab(task_, surroundings, console);
    auto experiment = experiment_named(name_);
    if (!experiment && ranks_) leave_lab(*ranks_);
    if (!experiment) return tl::unexpected(experiment.error());
    task_.experiment = *std::move(experiment);
    task_.json = json_;
    for (const auto& [row, text] : parameters_.given()) {
      task_.options.settings.push_back({std::string(row->key), text});
    }
    return run_lab(task_, surroundings, console);
  }

 private:
  std::string name_;
  LabTask task_;
};

class ReportCommand : public Subcommand {
 public:
  explicit ReportCommand(CLI::App& app) : Subcommand(app) {
    options_.text("DIR", "", folder_, tr("A folder of results."))->required();
    add_json();
  }

  Outcome<void> run(const Surroundings&, Console& console) override {
    const auto table = read_results(folder_);
    if (!table) return failed(table.error().message);
    if (json_) {
      print_lab_json(*table, folder_, console.out);
    } else {
      print_lab(*table, console.out);
    }
    const auto files = write_report(*table, folder_);
    if (!files) return failed(files.error().message);
    if (!files->note.empty()) console.err << tr("note: {}", files->note) << std::endl;
    console.err << tr("saved {}", files->page) << std::endl;
    return {};
  }

 private:
  std::string folder_;
};

class LabCommand : public Subcommand {
 public:
  explicit LabCommand(CLI::App& app) : Subcommand(app) {
    app.require_subcommand(1);
    add<ListCommand>(app, "list", tr("Lists the experiments that came along."));
    add<RunCommand>(app, "run", tr("Runs an experiment, or what is missing of it."));
    add<ReportCommand>(
        app, "report",
        tr("Shows the table and the verdicts of a folder of results, and writes its page."));
  }

  bool takes_ranks() const override { return given().takes_ranks(); }

  Outcome<void> run(const Surroundings& surroundings, Console& console) override {
    given().work_with(ranks_);
    return given().run(surroundings, console);
  }

 private:
  template <class Command>
  void add(CLI::App& app, const char* name, const char* help) {
    CLI::App* command = app.add_subcommand(name, help);
    commands_.emplace_back(command, make<Command>(*command));
  }

  Subcommand& given() const {
    return *std::ranges::find_if(commands_, [](const auto& command) {
              return command.first->parsed();
            })->second;
  }

  std::vector<std::pair<CLI::App*, SubcommandPtr>> commands_;
};

}  // namespace

const MakeCommand make_lab = make<LabCommand>;

}  // namespace zscape
