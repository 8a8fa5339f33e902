#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/lab_run.h"
#include "app/cli/subcommand.h"
#include "engine/data/formats.h"
#include "engine/lab/experiment.h"
#include "engine/text.h"

namespace zscape {
namespace {

// An experiment whose axes stand on the command line.
class SweepCommand : public Subcommand {
 public:
  explicit SweepCommand(CLI::App& app) : Subcommand(app) {
    app.add_option_function<std::vector<std::string>>(
           "--vary",
           [this](const std::vector<std::string>& all) {
             for (const std::string& text : all) take_axis(text);
           },
           tr("An option of zscape train with the values to try, as in lambda=0,0.1,1 and "
              "\"hidden=400;400,200\". Each one more gives all combinations."))
        ->type_name("OPTION=VALUES")
        ->allow_extra_args(false)
        ->required();
    options_
        .text("--out", "DIR", task_.folder,
              tr("The folder of the results. What is in it already is not run again."))
        ->required();
    options_.number("--seeds", seeds_, 1, 10'000,
                    tr("Seeds, each with a run of every combination."), "1");
    options_.number("--jobs", task_.jobs, 1, 4096, tr("Runs at once, a process each."),
                    tr("one for each core, as memory allows"));
    options_.flag(
        "--no-models", [this] { task_.keeps_models = false; }, tr("Keeps no models of the runs."));
    for (const Parameter& row : parameters()) {
      parameters_.add(row, "",
                      row.key == "threads"  ? std::optional<std::string>("1")
                      : row.key == "device" ? std::optional<std::string>("cpu")
                                            : std::nullopt);
    }
    add_json();
    options_.footer(data_formats_help());
  }

  bool takes_ranks() const override { return true; }

  Outcome<void> run(const Surroundings& surroundings, Console& console) override {
    std::string data = RunPlan{}.data.source;
    std::vector<LabSetting> plan;
    for (const auto& [row, text] : parameters_.given()) {
      if (row->key == "data") {
        data = text;
      } else {
        plan.push_back({std::string(row->key), text});
      }
    }
    auto experiment = sweep_of(plan, axes_, seeds_, data);
    if (!experiment) return wrong_usage(experiment.error().message);
    const auto runs = runs_of(*experiment);
    if (!runs) return wrong_usage(runs.error().message);
    for (const auto& [row, text] : parameters_.given()) {
      const bool belongs = std::ranges::any_of(*runs, [&row = *row](const LabRun& each) {
        return row.applies(each.plan) ||
               (row.waits_for_data != nullptr && row.waits_for_data(each.plan));
      });
      if (!belongs) return wrong_usage(tr("{}: {}", row->flag(), row->elsewhere));
    }
    task_.experiment = *std::move(experiment);
    task_.json = json_;
    task_.ranks = ranks_;
    return run_lab(task_, surroundings, console);
  }

 private:
  void take_axis(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
      throw CLI::ValidationError(
          tr("--vary: '{}' is not an option with its values, as in lambda=0,0.1,1", text));
    }
    std::string name = text.substr(0, equals);
    std::ranges::replace(name, '-', '_');
    axes_.emplace_back(std::move(name), text.substr(equals + 1));
  }

  std::vector<std::pair<std::string, std::string>> axes_;
  int seeds_ = 1;
  LabTask task_;
};

}  // namespace

const MakeCommand make_sweep = make<SweepCommand>;

}  // namespace zscape
