#include "engine/lab/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "engine/json_text.h"
#include "engine/lab/folder.h"
#include "engine/lab/lines.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

// JSON has no NaN; it becomes null.
OrderedJson number_or_null(double value) {
  return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr);
}

double number_or_nan(const OrderedJson& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

OrderedJson numbers_json(const std::vector<double>& values) {
  OrderedJson list = OrderedJson::array();
  for (const double value : values) list.push_back(number_or_null(value));
  return list;
}

std::vector<double> numbers_from_json(const OrderedJson& list) {
  std::vector<double> values;
  for (const OrderedJson& value : list) values.push_back(number_or_nan(value));
  return values;
}

std::string in_folder(const std::string& folder, std::string_view name) {
  return (fs::path(folder) / name).string();
}

}  // namespace

std::string experiment_file(const std::string& folder) {
  return in_folder(folder, "experiment.json");
}
std::string results_file(const std::string& folder) {
  return in_folder(folder, "results.jsonl");
}
std::string runs_file(const std::string& folder) {
  return in_folder(folder, "runs.json");
}
std::string timings_file(const std::string& folder) {
  return in_folder(folder, "timings.jsonl");
}
std::string model_file(const std::string& folder, std::string_view key) {
  return in_folder(folder, fmt::format("models/{}.safetensors", key));
}

std::optional<double> LabResult::figure(std::string_view column) const {
  const auto found = std::ranges::find(figures, column, &LabFigure::name);
  if (found == figures.end() || !std::isfinite(found->value)) return std::nullopt;
  return found->value;
}

const LabCurve* LabResult::curve(std::string_view name) const {
  const auto found = std::ranges::find(curves, name, &LabCurve::name);
  return found == curves.end() ? nullptr : &*found;
}

std::string line_of(const LabResult& result) {
  OrderedJson line;
  line["key"] = result.key;
  line["axes"] = lab::axes_json(result.axes);
  line["seed"] = result.seed;
  line["plan"] = OrderedJson::parse(result.plan.empty() ? "{}" : result.plan);
  if (!result.error.empty()) {
    line["error"] = result.error;
    return line.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  }
  line["figures"] = OrderedJson::object();
  for (const LabFigure& figure : result.figures) {
    line["figures"][figure.name] = number_or_null(figure.value);
  }
  line["curves"] = OrderedJson::object();
  for (const LabCurve& curve : result.curves) {
    line["curves"][curve.name] = {
        {"over", curve.over}, {"x", numbers_json(curve.x)}, {"y", numbers_json(curve.y)}};
  }
  if (!result.absent.empty()) {
    for (const LabAbsence& absence : result.absent) line["absent"][absence.measure] = absence.why;
  }
  return line.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

Expected<LabResult> result_from(std::string_view line) {
  try {
    const auto json = json_from<OrderedJson>(line);
    LabResult result;
    result.key = json.at("key").get<std::string>();
    result.axes = lab::axes_from(json.at("axes"));
    result.seed = whole_from<std::uint64_t>(json.at("seed"));
    result.plan = json.at("plan").dump();
    if (json.contains("error")) {
      result.error = json.at("error").get<std::string>();
      if (result.error.empty()) result.error = tr("it failed");
      return result;
    }
    for (const auto& [name, value] : json.at("figures").items()) {
      result.figures.push_back({name, number_or_nan(value)});
    }
    for (const auto& [name, curve] : json.at("curves").items()) {
      result.curves.push_back({name, curve.at("over").get<std::string>(),
                               numbers_from_json(curve.at("x")), numbers_from_json(curve.at("y"))});
    }
    if (json.contains("absent")) {
      for (const auto& [name, why] : json.at("absent").items()) {
        result.absent.push_back({name, why.get<std::string>()});
      }
    }
    return result;
  } catch (const OrderedJson::exception& error) {
    return fail(tr("a result cannot be read: {}", error.what()));
  }
}

// ---- Folders -----------------------------------------------------------------------------------

namespace lab {

std::optional<std::string> text_of_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

std::vector<LabResult> whole_results(std::string_view text) {
  std::vector<LabResult> results;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // torn: its writer was killed
    if (auto result = result_from(text.substr(0, end))) results.push_back(*std::move(result));
    text.remove_prefix(end + 1);
  }
  return results;
}

Expected<KnownRuns> runs_from(std::string_view text) {
  try {
    const auto json = json_from<OrderedJson>(text);
    KnownRuns known;
    known.version = json.at("version").get<std::string>();
    for (const OrderedJson& run : json.at("runs")) {
      known.runs.push_back({run.at("key").get<std::string>(), axes_from(run.at("axes")),
                            whole_from<std::uint64_t>(run.at("seed"))});
    }
    return known;
  } catch (const OrderedJson::exception& error) {
    return fail(error.what());
  }
}

std::string runs_text(const std::vector<LabRun>& runs, std::string_view version) {
  OrderedJson json;
  json["version"] = version;
  json["runs"] = OrderedJson::array();
  for (const LabRun& run : runs) {
    json["runs"].push_back(
        {{"key", run.key}, {"axes", axes_json(run.axes)}, {"seed", run.plan.seed}});
  }
  return json.dump(1) + "\n";
}

}  // namespace lab

namespace {

// The newest result of each key, in the order of the runs; a success counts more than a failure.
void put_results(LabTable& table, std::vector<LabResult> all) {
  std::map<std::string, std::size_t> of_key;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto [place, is_new] = of_key.try_emplace(all[i].key, i);
    if (!is_new && (all[i].error.empty() || !all[place->second].error.empty())) place->second = i;
  }
  for (LabTableRun& run : table.runs) {
    const auto found = of_key.find(run.key);
    if (found == of_key.end()) continue;
    // Runs with equal keys are one, which has several places in the table.
    LabResult result = all[found->second];
    result.axes = run.axes;
    result.seed = run.seed;
    run.result = table.results.size();
    table.results.push_back(std::move(result));
  }
}

}  // namespace

std::size_t LabTable::finished() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(results, [](const LabResult& each) { return each.error.empty(); }));
}

std::size_t LabTable::failed() const {
  return results.size() - finished();
}

Expected<LabTable> read_results(const std::string& folder) {
  const auto text = lab::text_of_file(experiment_file(folder));
  const auto runs = lab::text_of_file(runs_file(folder));
  if (!text || !runs) {
    return fail(
        tr("{} is no folder of results: it has no {}; zscape lab run NAME --out {} makes "
           "one",
           folder, text ? "runs.json" : "experiment.json", folder));
  }
  auto experiment = experiment_from(*text, experiment_file(folder));
  if (!experiment) return tl::unexpected(experiment.error());
  auto known = lab::runs_from(*runs);
  if (!known) return fail(tr("{}: {}", runs_file(folder), known.error().message));
  LabTable table;
  table.experiment = *std::move(experiment);
  table.version = known->version;
  table.runs = std::move(known->runs);
  put_results(table, lab::whole_results(lab::text_of_file(results_file(folder)).value_or("")));
  return table;
}

LabTable table_of(Experiment experiment, const std::vector<LabRun>& runs,
                  std::vector<LabResult> results) {
  LabTable table;
  table.experiment = std::move(experiment);
  for (const LabRun& run : runs) table.runs.push_back({run.key, run.axes, run.plan.seed});
  put_results(table, std::move(results));
  return table;
}

// ---- The table ---------------------------------------------------------------------------------

LabMean mean_of(const std::vector<double>& values) {
  LabMean made;
  double sum = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    ++made.seeds;
  }
  if (made.seeds == 0) return made;
  made.mean = sum / made.seeds;
  if (made.seeds < 2) return made;
  double squares = 0;
  for (const double value : values) {
    if (std::isfinite(value)) squares += (value - made.mean) * (value - made.mean);
  }
  made.standard_error = std::sqrt(squares / (made.seeds - 1) / made.seeds);
  return made;
}

std::vector<std::string> columns_of(const LabTable& table) {
  return table.experiment.columns();
}

std::vector<LabRow> rows_of(const LabTable& table) {
  std::vector<LabRow> rows;
  for (std::size_t i = 0; i < table.runs.size(); ++i) {
    const LabTableRun& run = table.runs[i];
    if (rows.empty() || rows.back().place != run.axes) rows.push_back({.place = run.axes});
    LabRow& row = rows.back();
    row.runs.push_back(i);
    if (!run.result) {
      ++row.missing;
    } else if (!table.results[*run.result].error.empty()) {
      ++row.failed;
    }
  }
  const std::vector<std::string> columns = columns_of(table);
  for (LabRow& row : rows) {
    for (const std::string& column : columns) {
      std::vector<double> values;
      for (const std::size_t i : row.runs) {
        if (const auto& result = table.runs[i].result) {
          values.push_back(table.results[*result].figure(column).value_or(
              std::numeric_limits<double>::quiet_NaN()));
        }
      }
      row.means.push_back(mean_of(values));
    }
  }
  return rows;
}

std::vector<SeedValue> values_at(const LabTable& table, const LabPlace& place,
                                 std::string_view column) {
  std::vector<SeedValue> values;
  for (const LabTableRun& run : table.runs) {
    if (!lab::is_at(run.axes, place)) continue;
    SeedValue value{.seed = run.seed};
    if (run.result) {
      value.value = table.results[*run.result].figure(column).value_or(value.value);
    }
    values.push_back(value);
  }
  return values;
}

std::vector<LabCurvePoint> curve_at(const LabTable& table, const LabPlace& place,
                                    std::string_view curve) {
  std::map<double, std::vector<double>> points;
  for (const LabTableRun& run : table.runs) {
    if (!lab::is_at(run.axes, place) || !run.result) continue;
    const LabCurve* found = table.results[*run.result].curve(curve);
    if (found == nullptr) continue;
    for (std::size_t i = 0; i < std::min(found->x.size(), found->y.size()); ++i) {
      if (std::isfinite(found->x[i])) points[found->x[i]].push_back(found->y[i]);
    }
  }
  std::vector<LabCurvePoint> means;
  for (const auto& [x, values] : points) means.push_back({x, mean_of(values)});
  return means;
}

bool lab::is_at(const LabPlace& whole, const LabPlace& place) {
  return std::ranges::all_of(
      place, [&](const AxisPlace& each) { return std::ranges::find(whole, each) != whole.end(); });
}

}  // namespace zscape
