#include "engine/lab/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "engine/json_text.h"
#include "engine/lab/reading.h"
#include "engine/number.h"
#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

using lab::below;
using lab::check_keys;
using lab::listed;
using lab::need_list;
using lab::need_object;
using lab::needed;
using lab::refuse;
using lab::text_from;
using lab::text_or;

constexpr int kMostSeeds = 10'000;

std::string name_from(const OrderedJson& value, const std::string& where) {
  const std::string name = text_from(value, where);
  const auto fits = [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '-' || letter == '_';
  };
  if (name.empty() || !std::ranges::all_of(name, fits)) {
    refuse(where, tr("'{}' must consist of letters, digits, - and _", name));
  }
  return name;
}

std::vector<std::string> paragraphs_from(const OrderedJson& value, const std::string& where) {
  if (value.is_string()) return {value.get<std::string>()};
  need_list(value, where);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < value.size(); ++i) {
    all.push_back(text_from(value[i], below(where, i)));
  }
  return all;
}

std::vector<LabSetting> settings_from(const OrderedJson& value, const std::string& where) {
  need_object(value, where);
  std::vector<LabSetting> all;
  for (const auto& [key, each] : value.items()) {
    const std::string here = below(where, key);
    LabSetting setting = lab::setting_from(key, each, here);
    if (setting.key == "data") refuse(here, tr("the data stand in the key 'data' of the file"));
    const bool twice =
        std::ranges::any_of(all, [&](const LabSetting& other) { return other.key == setting.key; });
    if (twice) refuse(here, tr("{} is set twice", setting.key));
    if (!setting.text.empty()) all.push_back(std::move(setting));
  }
  return all;
}

AxisValue value_from(const OrderedJson& value, const std::string& axis, const std::string& where) {
  if (value.is_object()) {
    check_keys(value, where, {"label", "set"});
    AxisValue made{.label = lab::label_of(needed(value, where, "label"), below(where, "label"))};
    made.number = number_from<double>(made.label);
    made.settings = settings_from(needed(value, where, "set"), below(where, "set"));
    return made;
  }
  if (lab::parameter_named(axis) == nullptr) {
    refuse(where, tr("'{}' is no parameter of a run, so each value must be an object with 'label' "
                     "and 'set'",
                     axis));
  }
  AxisValue made{.label = lab::label_of(value, where)};
  made.number = number_from<double>(made.label);
  made.settings = {lab::setting_from(axis, value, where)};
  return made;
}

LabAxis axis_from(const OrderedJson& value, const std::string& where) {
  check_keys(value, where, {"name", "label", "values"});
  LabAxis axis;
  axis.name = name_from(needed(value, where, "name"), below(where, "name"));
  axis.label = text_or(value, where, "label", axis.name);
  const OrderedJson& values = needed(value, where, "values");
  const std::string here = below(where, "values");
  need_list(values, here);
  if (values.empty()) refuse(here, tr("the list is empty"));
  for (std::size_t i = 0; i < values.size(); ++i) {
    AxisValue made = value_from(values[i], axis.name, below(here, i));
    for (const LabSetting& setting : made.settings) {
      if (setting.key != "seed") continue;
      refuse(below(here, i), tr("seeds are no axis; the key 'seeds' says how many there are"));
    }
    const bool twice = std::ranges::any_of(axis.values, [&](const AxisValue& other) {
      return other.label == made.label || (made.number && other.number == made.number);
    });
    if (twice) refuse(below(here, i), tr("'{}' stands there twice", made.label));
    axis.values.push_back(std::move(made));
    axis.chosen.push_back(i);
  }
  return axis;
}

// {"latent": [1, 8]}: the values that are run.
void choose(Experiment& experiment, const OrderedJson& value, const std::string& where) {
  need_object(value, where);
  for (const auto& [key, values] : value.items()) {
    const std::string here = below(where, key);
    const auto axis = std::ranges::find(experiment.axes, key, &LabAxis::name);
    if (axis == experiment.axes.end()) refuse(here, tr("there is no such axis"));
    need_list(values, here);
    if (values.empty()) refuse(here, tr("the list is empty"));
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string label = lab::value_of(*axis, values[i], below(here, i));
      const auto found = std::ranges::find(axis->values, label, &AxisValue::label);
      chosen.push_back(static_cast<std::size_t>(found - axis->values.begin()));
    }
    std::ranges::sort(chosen);
    chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    axis->chosen = std::move(chosen);
  }
}

int seeds_from(const OrderedJson& value, const std::string& where) {
  const auto text = value.is_number_integer() ? value.dump() : std::string();
  const auto seeds = number_from<int>(text);
  if (!seeds || *seeds < 1 || *seeds > kMostSeeds) {
    refuse(where, tr("{} is not a whole number from 1 to {}", value.dump(), kMostSeeds));
  }
  return *seeds;
}

std::vector<LabMeasure> measures_from(const OrderedJson& value, const std::string& where) {
  need_list(value, where);
  if (value.empty()) refuse(where, tr("the list is empty"));
  std::vector<LabMeasure> all;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < value.size(); ++i) {
    LabMeasure measure = lab::measure_from(value[i], below(where, i));
    for (const auto* given : {&measure.columns, &measure.curves}) {
      for (const std::string& name : *given) {
        if (std::ranges::find(names, name) != names.end()) {
          refuse(below(where, i), tr("it gives {}, which another one gives already", name));
        }
        names.push_back(name);
      }
    }
    all.push_back(std::move(measure));
  }
  return all;
}

LabPlot plot_from(const OrderedJson& value, const Experiment& experiment, const lab::Names& names,
                  const std::string& where) {
  check_keys(value, where, {"title", "x", "y", "series", "log_x", "log_y"});
  LabPlot plot;
  plot.title = text_or(value, where, "title", "");
  plot.x = text_from(needed(value, where, "x"), below(where, "x"));
  plot.y = text_from(needed(value, where, "y"), below(where, "y"));
  plot.series = text_or(value, where, "series", "");
  plot.log_x = lab::flag_at(value, where, "log_x");
  plot.log_y = lab::flag_at(value, where, "log_y");
  const auto is_column = [&](const std::string& name) {
    return std::ranges::find(names.columns, name) != names.columns.end();
  };
  if (plot.y.starts_with("curve:")) {
    const std::vector<std::string> curves = experiment.curves();
    if (std::ranges::find(curves, plot.y) == curves.end()) {
      refuse(below(where, "y"), tr("'{}' is not measured; curves are {}", plot.y, listed(curves)));
    }
  } else {
    if (!is_column(plot.y)) {
      refuse(below(where, "y"),
             tr("'{}' is not measured; measured are {}", plot.y, listed(names.columns)));
    }
    if (experiment.axis(plot.x) == nullptr && !is_column(plot.x)) {
      refuse(below(where, "x"), tr("'{}' is no axis, and is not measured", plot.x));
    }
  }
  if (!plot.series.empty() && experiment.axis(plot.series) == nullptr) {
    refuse(below(where, "series"), tr("'{}' is no axis", plot.series));
  }
  return plot;
}

LabClaim claim_from(const OrderedJson& value, const lab::Names& names, const std::string& where) {
  check_keys(value, where, {"says", "if", "source"});
  return {text_from(needed(value, where, "says"), below(where, "says")),
          lab::predicate_from(needed(value, where, "if"), names, below(where, "if")),
          text_or(value, where, "source", "")};
}

LabPrediction prediction_from(const OrderedJson& value, const Experiment& experiment,
                              const lab::Names& names, const std::string& where) {
  check_keys(value, where, {"ask", "kind", "choices", "answer"});
  LabPrediction made;
  made.ask = text_from(needed(value, where, "ask"), below(where, "ask"));
  const std::string kind = text_from(needed(value, where, "kind"), below(where, "kind"));
  const OrderedJson& answer = needed(value, where, "answer");
  const std::string here = below(where, "answer");
  if (kind == "number") {
    made.kind = LabPrediction::Kind::number;
    made.answer = lab::quantity_from(answer, names, here);
    return made;
  }
  need_object(answer, here);
  if (kind == "choice") {
    const OrderedJson& choices = needed(value, where, "choices");
    need_list(choices, below(where, "choices"));
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const std::string choice = text_from(choices[i], below(below(where, "choices"), i));
      made.choices.emplace_back(
          choice, lab::predicate_from(needed(answer, here, choice), names, below(here, choice)));
    }
    if (made.choices.size() < 2) refuse(below(where, "choices"), tr("it needs two at least"));
    if (answer.size() != choices.size()) {
      refuse(here, tr("it must have one predicate for each of the choices"));
    }
    return made;
  }
  if (kind != "curve") {
    refuse(below(where, "kind"), tr("'{}' is not choice, number or curve", kind));
  }
  made.kind = LabPrediction::Kind::curve;
  check_keys(answer, here, {"plot", "series"});
  const auto plot = number_from<std::size_t>(needed(answer, here, "plot").dump());
  if (!plot || *plot >= experiment.plots.size()) {
    refuse(below(here, "plot"), tr("it must be the number of a plot, from 0 on"));
  }
  made.plot = *plot;
  const std::string& axis = experiment.plots[made.plot].series;
  const auto series = answer.find("series");
  if (axis.empty() && series != answer.end()) {
    refuse(below(here, "series"), tr("this plot has one series only; leave it out"));
  }
  if (axis.empty()) return made;
  if (series == answer.end()) refuse(below(here, "series"), tr("it must say which {}", axis));
  made.series = lab::value_of(*experiment.axis(axis), *series, below(here, "series"));
  return made;
}

void check_quick(const OrderedJson& value, const Experiment& experiment, const std::string& where) {
  check_keys(value, where, {"plan", "axes", "seeds", "measure"});
  if (value.contains("plan")) settings_from(value["plan"], below(where, "plan"));
  if (value.contains("axes")) {
    Experiment scratch = experiment;
    choose(scratch, value["axes"], below(where, "axes"));
  }
  if (value.contains("seeds")) seeds_from(value["seeds"], below(where, "seeds"));
  if (value.contains("measure")) measures_from(value["measure"], below(where, "measure"));
}

void append_columns(const std::vector<LabMeasure>& measures, std::vector<std::string>& columns) {
  for (const LabMeasure& measure : measures) {
    for (const std::string& name : measure.columns) {
      if (std::ranges::find(columns, name) == columns.end()) columns.push_back(name);
    }
  }
}

Experiment read(const OrderedJson& file) {
  check_keys(file, "",
             {"name", "question", "text", "data", "plan", "axes", "only", "skip", "seeds",
              "measure", "only_measure", "quick", "plots", "claims", "predict"});
  Experiment made;
  made.name = name_from(needed(file, "", "name"), "name");
  made.question = text_or(file, "", "question", "");
  if (file.contains("text")) made.text = paragraphs_from(file["text"], "text");
  made.data = text_or(file, "", "data", made.data);
  if (made.data.empty()) refuse("data", tr("it is empty"));
  if (file.contains("plan")) made.plan = settings_from(file["plan"], "plan");
  if (file.contains("axes")) {
    need_list(file["axes"], "axes");
    for (std::size_t i = 0; i < file["axes"].size(); ++i) {
      LabAxis axis = axis_from(file["axes"][i], below("axes", i));
      if (made.axis(axis.name) != nullptr) {
        refuse(below("axes", i), tr("there is an axis {} already", axis.name));
      }
      made.axes.push_back(std::move(axis));
    }
  }
  if (file.contains("skip")) {
    need_list(file["skip"], "skip");
    for (std::size_t i = 0; i < file["skip"].size(); ++i) {
      made.skip.push_back(lab::place_from(file["skip"][i], made, below("skip", i)));
      if (made.skip.back().empty()) refuse(below("skip", i), tr("it names no axis"));
    }
  }
  if (file.contains("quick")) {
    check_quick(file["quick"], made, "quick");
    made.has_quick = true;
  }
  if (file.contains("only")) choose(made, file["only"], "only");
  if (file.contains("seeds")) made.seeds = seeds_from(file["seeds"], "seeds");
  std::vector<std::string> columns;
  made.measures = measures_from(needed(file, "", "measure"), "measure");
  append_columns(made.measures, columns);
  if (file.contains("only_measure")) {
    made.measures = measures_from(file["only_measure"], "only_measure");
    append_columns(made.measures, columns);
  }
  const lab::Names names{made, columns};
  const auto each_of = [&](const char* key, const auto& take) {
    if (!file.contains(key)) return;
    need_list(file[key], key);
    for (std::size_t i = 0; i < file[key].size(); ++i) take(file[key][i], below(key, i));
  };
  each_of("plots", [&](const OrderedJson& value, const std::string& where) {
    made.plots.push_back(plot_from(value, made, names, where));
  });
  each_of("claims", [&](const OrderedJson& value, const std::string& where) {
    made.claims.push_back(claim_from(value, names, where));
  });
  if (file.contains("predict")) {
    made.prediction = prediction_from(file["predict"], made, names, "predict");
  }
  made.json = file.dump(2);
  return made;
}

// Puts a parameter into the JSON of a plan, whatever name it has there.
void put(OrderedJson& plan, const std::string& name, const OrderedJson& value) {
  const Parameter* row = lab::parameter_named(name);
  for (auto each = plan.begin(); each != plan.end(); ++each) {
    if (lab::parameter_named(each.key()) != row) continue;
    *each = value;
    return;
  }
  plan[name] = value;
}

OrderedJson plan_of(const OrderedJson& file) {
  return file.contains("plan") ? file["plan"] : OrderedJson::object();
}

}  // namespace

const LabAxis* Experiment::axis(std::string_view axis_name) const {
  const auto found = std::ranges::find(axes, axis_name, &LabAxis::name);
  return found == axes.end() ? nullptr : &*found;
}

std::vector<std::string> Experiment::columns() const {
  std::vector<std::string> all;
  append_columns(measures, all);
  return all;
}

std::vector<std::string> Experiment::curves() const {
  std::vector<std::string> all;
  for (const LabMeasure& measure : measures) {
    all.insert(all.end(), measure.curves.begin(), measure.curves.end());
  }
  return all;
}

Expected<Experiment> experiment_from(std::string_view json, std::string_view file) {
  try {
    return read(json_from<OrderedJson>(json));
  } catch (const lab::Wrong& wrong) {
    return fail(tr("{}: {}", file, wrong.text));
  } catch (const OrderedJson::exception& error) {
    return fail(tr("{} is no JSON: {}", file, error.what()));
  }
}

Expected<Experiment> with_options(const Experiment& experiment, const LabOptions& options) {
  OrderedJson file = OrderedJson::parse(experiment.json);
  if (options.quick && !experiment.has_quick) {
    return fail(tr("{}: it has no quick version; leave out --quick", experiment.name));
  }
  OrderedJson plan = plan_of(file);
  if (options.quick) {
    const OrderedJson quick = file["quick"];
    const OrderedJson faster = plan_of(quick);
    for (const auto& [key, value] : faster.items()) put(plan, key, value);
    if (quick.contains("axes")) {
      for (const auto& [key, values] : quick["axes"].items()) file["only"][key] = values;
    }
    if (quick.contains("seeds")) file["seeds"] = quick["seeds"];
    if (quick.contains("measure")) file["only_measure"] = quick["measure"];
  }
  for (const LabSetting& setting : options.settings) {
    put(plan, setting.key, json_value(parameter(setting.key), setting.text));
  }
  if (!plan.empty()) file["plan"] = plan;
  if (options.data) file["data"] = *options.data;
  if (options.seeds) file["seeds"] = *options.seeds;
  return experiment_from(file.dump(), experiment.name);
}

Expected<Experiment> sweep_of(const std::vector<LabSetting>& plan,
                              const std::vector<std::pair<std::string, std::string>>& axes,
                              int seeds, const std::string& data) {
  OrderedJson file;
  file["name"] = "sweep";
  file["data"] = data;
  file["plan"] = OrderedJson::object();
  for (const LabSetting& setting : plan) {
    put(file["plan"], setting.key, json_value(parameter(setting.key), setting.text));
  }
  file["axes"] = OrderedJson::array();
  for (const auto& [name, text] : axes) {
    const Parameter* row = lab::parameter_named(name);
    if (row == nullptr) {
      return fail(
          tr("--vary {}: it is no parameter of a run; zscape train --help lists them", name));
    }
    OrderedJson values = OrderedJson::array();
    const char separator = text.find(';') == std::string::npos ? ',' : ';';
    std::string_view rest = text;
    for (;;) {
      const std::size_t end = rest.find(separator);
      values.push_back(OrderedJson(json_value(*row, std::string(rest.substr(0, end)))));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    file["axes"].push_back({{"name", name}, {"label", row->label}, {"values", values}});
  }
  file["seeds"] = seeds;
  file["measure"] = {"test_loss", "mse",          "reconstruction", "kl",
                     "elbo",      "active_units", "curve:test_loss"};
  file["plots"] = OrderedJson::array();
  const auto add_plot = [&](OrderedJson plot) {
    if (axes.size() > 1) plot["series"] = axes[1].first;
    file["plots"].push_back(std::move(plot));
  };
  if (!axes.empty()) {
    add_plot({{"x", axes[0].first}, {"y", "test_loss"}});
    add_plot({{"x", axes[0].first}, {"y", "mse"}});
    add_plot({{"x", "kl"}, {"y", "reconstruction"}});
  }
  return experiment_from(file.dump(), "--vary");
}

std::string place_text(const LabPlace& place) {
  std::string text;
  for (const AxisPlace& each : place) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", each.axis, each.value);
  }
  return text.empty() ? std::string(tr("all runs")) : text;
}

}  // namespace zscape
