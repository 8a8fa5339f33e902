#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"
#include "engine/lab/experiment.h"

namespace zscape {

// A results folder (docs/DESIGN.md, "Experiments"):
//   experiment.json    the experiment as it was run, options applied
//   runs.json          all its runs: key, axes, seed; the version
//   results.jsonl      one line a run, in the order of the runs once the lab is complete
//   timings.jsonl      key, seconds, host of each line; not part of the table
//   models/KEY.safetensors   each run's model

struct LabFigure {
  std::string name;                                         // the column
  double value = std::numeric_limits<double>::quiet_NaN();  // NaN: this run has no such figure
};

struct LabCurve {
  std::string name;  // "curve:test_loss"
  std::string over;  // what x counts: "epoch"
  std::vector<double> x = {};
  std::vector<double> y = {};  // as many; NaN: not known
};

// A measure that this model or these data do not have, and why.
struct LabAbsence {
  std::string measure;
  std::string why;
};

// What came out of one run: a line of results.jsonl.
struct LabResult {
  std::string key;
  LabPlace axes;  // a value of every axis
  std::uint64_t seed = 0;
  std::string plan;  // JSON, as plan_json.h writes it, without the place of the data
  std::vector<LabFigure> figures = {};
  std::vector<LabCurve> curves = {};
  std::vector<LabAbsence> absent = {};
  std::string error = {};  // why it failed; empty: it did not

  std::optional<double> figure(std::string_view column) const;  // nothing: absent or NaN
  const LabCurve* curve(std::string_view name) const;           // null: there is none
};

// The line without its end.
std::string line_of(const LabResult& result);
Expected<LabResult> result_from(std::string_view line);

// One run of the lab in a table.
struct LabTableRun {
  std::string key;
  LabPlace axes;
  std::uint64_t seed = 0;
  std::optional<std::size_t> result = {};  // in LabTable::results; nothing: not there yet
};

// All that a results folder says.
struct LabTable {
  Experiment experiment;
  std::vector<LabTableRun> runs;   // all runs of the experiment, in their order
  std::vector<LabResult> results;  // of these runs, whole lines only
  std::string version;             // of the zscape that ran it

  std::size_t finished() const;  // runs with a result that did not fail
  std::size_t failed() const;
};

// Reads a folder, also while a lab runs in it. Fails if it is none, saying what it lacks.
Expected<LabTable> read_results(const std::string& folder);

// A table made in memory: for tests, and for results that arrive by messages.
LabTable table_of(Experiment experiment, const std::vector<LabRun>& runs,
                  std::vector<LabResult> results);

std::string experiment_file(const std::string& folder);
std::string results_file(const std::string& folder);
std::string runs_file(const std::string& folder);
std::string timings_file(const std::string& folder);
std::string model_file(const std::string& folder, std::string_view key);

// A mean over seeds.
struct LabMean {
  double mean = std::numeric_limits<double>::quiet_NaN();
  double standard_error = std::numeric_limits<double>::quiet_NaN();  // NaN: fewer than two seeds
  int seeds = 0;                                                     // that have the figure
};
LabMean mean_of(const std::vector<double>& values);  // NaNs are left out

// One row of the table for people: a place with its runs.
struct LabRow {
  LabPlace place;
  std::vector<std::size_t> runs = {};  // in LabTable::runs, a seed each
  int failed = 0, missing = 0;         // of these
  std::vector<LabMean> means = {};     // of each column of columns_of()
};

// The names of all figures, in the order of the experiment's measures; curves are no columns.
std::vector<std::string> columns_of(const LabTable& table);
std::vector<LabRow> rows_of(const LabTable& table);

// The figure of each run at this place, a seed each in the order of the seeds; NaN: not there.
struct SeedValue {
  std::uint64_t seed = 0;
  double value = std::numeric_limits<double>::quiet_NaN();
};
std::vector<SeedValue> values_at(const LabTable& table, const LabPlace& place,
                                 std::string_view column);

// Means over seeds of a curve, at each x that one of the runs has, rising.
struct LabCurvePoint {
  double x = 0;
  LabMean y;
};
std::vector<LabCurvePoint> curve_at(const LabTable& table, const LabPlace& place,
                                    std::string_view curve);

// The table as text for people: a line a place, means ± standard errors.
std::string table_text(const LabTable& table);

}  // namespace zscape
