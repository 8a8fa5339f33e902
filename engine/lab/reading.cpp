#include "engine/lab/reading.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/number.h"
#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape::lab {

void refuse(const std::string& where, const std::string& what) {
  throw Wrong{where.empty() ? what : fmt::format("{}: {}", where, what)};
}

std::string below(const std::string& where, std::string_view key) {
  return where.empty() ? std::string(key) : fmt::format("{}.{}", where, key);
}

std::string below(const std::string& where, std::size_t index) {
  return fmt::format("{}[{}]", where, index);
}

std::string listed(const std::vector<std::string>& names) {
  return names.empty() ? std::string(tr("none")) : fmt::format("{}", fmt::join(names, ", "));
}

void need_object(const OrderedJson& value, const std::string& where) {
  if (!value.is_object())
    refuse(where, tr("it must be an object, {{…}}, and not {}", value.dump()));
}

void need_list(const OrderedJson& value, const std::string& where) {
  if (!value.is_array()) refuse(where, tr("it must be a list, […], and not {}", value.dump()));
}

void check_keys(const OrderedJson& object, const std::string& where,
                std::initializer_list<std::string_view> known) {
  need_object(object, where);
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    refuse(below(where, key), tr("there is no such key here; there are {}",
                                 fmt::format("{}", fmt::join(known, ", "))));
  }
}

const OrderedJson& needed(const OrderedJson& object, const std::string& where,
                          std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end()) refuse(below(where, key), tr("it is missing"));
  return *found;
}

std::string text_from(const OrderedJson& value, const std::string& where) {
  if (!value.is_string()) refuse(where, tr("it must be a text, \"…\", and not {}", value.dump()));
  return value.get<std::string>();
}

double number_at(const OrderedJson& value, const std::string& where) {
  if (!value.is_number()) refuse(where, tr("it must be a number, and not {}", value.dump()));
  return value.get<double>();
}

bool flag_at(const OrderedJson& object, const std::string& where, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end()) return false;
  if (!found->is_boolean()) {
    refuse(below(where, key), tr("it must be true or false, and not {}", found->dump()));
  }
  return found->get<bool>();
}

std::string text_or(const OrderedJson& object, const std::string& where, std::string_view key,
                    const std::string& otherwise) {
  const auto found = object.find(key);
  return found == object.end() ? otherwise : text_from(*found, below(where, key));
}

const Parameter* parameter_named(std::string_view name) {
  std::string key(name);
  std::ranges::replace(key, '-', '_');
  if (const Parameter* row = find_parameter(key)) return row;
  const auto row = std::ranges::find_if(parameters(), [&](const Parameter& each) {
    std::string option(each.option);
    std::ranges::replace(option, '-', '_');
    return !option.empty() && option == key;
  });
  return row == parameters().end() ? nullptr : &*row;
}

LabSetting setting_from(const std::string& name, const OrderedJson& value,
                        const std::string& where) {
  const Parameter* row = parameter_named(name);
  if (row == nullptr) {
    refuse(where, tr("'{}' is no parameter of a run; zscape train --help lists them", name));
  }
  using Form = ParameterField::Form;
  std::optional<std::string> text = text_of(nlohmann::json(value), *row);
  if (value.is_boolean() && row->field.form == Form::flag) text = value.get<bool>() ? "yes" : "";
  if (value.is_number() && row->field.form == Form::numbers) text = value.dump();
  if (!text) refuse(where, tr("{} is not {}", value.dump(), row->field.range));
  if (row->field.form == Form::flag && text->empty()) return {std::string(row->key), ""};
  RunPlan alone;
  if (!row->field.read(alone, *text)) {
    refuse(where, tr("{} is not {}", value.dump(), row->field.range));
  }
  return {std::string(row->key), *text};
}

std::string label_of(const OrderedJson& value, const std::string& where) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump();
  if (value.is_number()) return fmt::format("{}", value.get<double>());
  if (value.is_boolean()) return value.get<bool>() ? tr("yes") : tr("no");
  if (!value.is_array()) {
    refuse(where, tr("it must be a number, a text or a list of numbers, and not {}", value.dump()));
  }
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < value.size(); ++i) {
    parts.push_back(label_of(value[i], below(where, i)));
  }
  return fmt::format("{}", fmt::join(parts, ","));
}

std::string value_of(const LabAxis& axis, const OrderedJson& value, const std::string& where) {
  const std::string label = label_of(value, where);
  const auto number = number_from<double>(label);
  std::vector<std::string> all;
  for (const AxisValue& each : axis.values) {
    if (each.label == label || (number && each.number == number)) return each.label;
    all.push_back(each.label);
  }
  refuse(where, tr("'{}' is no value of the axis {}; it has {}", label, axis.name, listed(all)));
}

LabPlace place_from(const OrderedJson& value, const Experiment& experiment,
                    const std::string& where) {
  need_object(value, where);
  LabPlace place;
  // In the order of the axes, whatever the order in the file.
  for (const auto& [key, unused] : value.items()) {
    if (experiment.axis(key) != nullptr) continue;
    std::vector<std::string> names;
    for (const LabAxis& axis : experiment.axes) names.push_back(axis.name);
    refuse(below(where, key), tr("there is no such axis; there are {}", listed(names)));
  }
  for (const LabAxis& axis : experiment.axes) {
    const auto found = value.find(axis.name);
    if (found == value.end()) continue;
    place.push_back({axis.name, value_of(axis, *found, below(where, axis.name))});
  }
  return place;
}

}  // namespace zscape::lab
