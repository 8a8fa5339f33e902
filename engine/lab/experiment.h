#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/lab/predicate.h"
#include "engine/training/plan.h"

namespace zscape {

// A question, a base plan, axes over the parameters of a run, seeds, figures, and claims with their
// criteria. It is a file of JSON (docs/DESIGN.md, "Experiments"); these are its contents, checked.

// A parameter of a run with its value, as the table of parameters reads it.
struct LabSetting {
  std::string key;  // Parameter::key
  std::string text;

  bool operator==(const LabSetting&) const = default;
};

struct AxisValue {
  std::string label;                      // "PCA", "0.1", "400,200"; no two of an axis are equal
  std::optional<double> number = {};      // where it is one: a place on a plot's x axis
  std::vector<LabSetting> settings = {};  // what it changes in the plan
};

struct LabAxis {
  std::string name;   // "latent": as predicates, plots and results name it
  std::string label;  // for people; the name where the file has none
  std::vector<AxisValue> values;
  std::vector<std::size_t> chosen;  // of the values, rising: those that are run ("only", --quick)
};

// What each run is to measure: a figure of `zscape eval` (engine/figures.h), a loss of the last
// epoch
// ("test_loss"), a loss of every epoch ("curve:test_loss"), or a measure of engine/measures.h.
struct LabMeasure {
  std::string name;
  std::string options = {};               // of a measure: a JSON object; empty: none
  std::vector<std::string> columns = {};  // the names of the figures that it gives
  std::vector<std::string> curves = {};   // of its curves, with "curve:" before them
};

struct LabPlot {
  std::string title;
  std::string x;       // an axis or a column; of a curve what it goes over: "epoch"
  std::string y;       // a column or a curve
  std::string series;  // an axis, a line each; empty: one line
  bool log_x = false, log_y = false;
};

struct LabClaim {
  std::string says;  // the sentence that is tested
  Predicate criterion;
  std::string source;  // who said so; empty: nobody
};

// What a person is asked before the lab runs.
struct LabPrediction {
  enum class Kind { choice, number, curve };
  std::string ask;
  Kind kind = Kind::choice;
  std::vector<std::pair<std::string, Predicate>> choices = {};  // choice: it is right if it holds
  Quantity answer = {};                                         // number
  std::size_t plot = 0;     // curve: which plot, and which of …
  std::string series = {};  // … its series; empty: its only one
};

struct Experiment {
  std::string name;                // letters, digits, - and _
  std::string question;            // one sentence
  std::vector<std::string> text;   // paragraphs
  std::string data = "synthetic";  // as --data names it
  std::vector<LabSetting> plan;    // of every run; what does not belong to a run's kind is left out
  std::vector<LabAxis> axes;
  std::vector<LabPlace> skip;  // combinations that are not run
  int seeds = 5;               // ≥ 1: the plan's seed and those that follow it
  std::vector<LabMeasure> measures;
  std::vector<LabPlot> plots;
  std::vector<LabClaim> claims;
  std::optional<LabPrediction> prediction;
  bool has_quick = false;
  std::string json;  // the whole file, options applied; what experiment_from() reads again

  const LabAxis* axis(std::string_view axis_name) const;  // null: there is none
  std::vector<std::string> columns() const;               // of all measures
  std::vector<std::string> curves() const;                // likewise
};

// What the command line says beside the file.
struct LabOptions {
  std::optional<std::string> data = {};
  std::optional<int> seeds = {};
  bool quick = false;                     // the file's smaller version
  std::vector<LabSetting> settings = {};  // replace those of the file's plan
};

// Reads a file's text. One clear line for whatever is wrong: the file, the key, what would be
// right. file: its name for that line.
Expected<Experiment> experiment_from(std::string_view json, std::string_view file);

// The experiment with the options in its JSON. Fails if it has no quick version.
Expected<Experiment> with_options(const Experiment& experiment, const LabOptions& options);

// An experiment without claims: `zscape sweep`.
Expected<Experiment> sweep_of(const std::vector<LabSetting>& plan,
                              const std::vector<std::pair<std::string, std::string>>& axes,
                              int seeds, const std::string& data);

// The experiments that the program brings along (assets/lab), in the order of their names.
struct BuiltInExperiment {
  std::string_view name;
  std::string_view json;
};
std::vector<BuiltInExperiment> built_in_experiments();

// One run of an experiment: the same wherever it is carried out.
struct LabRun {
  LabPlace axes;  // a value of every axis
  RunPlan plan;   // with its seed; settle() in execute.h fits it to its data
  std::vector<LabMeasure> measures;
  std::uint32_t data_checksum = 0;  // by settle()
  std::string key = {};             // by settle(): equal keys, equal results
};

// All runs: places in the order of the axes, the last axis fastest, and for each place its seeds.
// Fails if a value has no meaning at some place that is not skipped.
Expected<std::vector<LabRun>> runs_of(const Experiment& experiment);

// "latent 2, depth PCA"; empty: "all runs".
std::string place_text(const LabPlace& place);

}  // namespace zscape
