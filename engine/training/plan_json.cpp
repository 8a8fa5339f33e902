#include "engine/training/plan_json.h"

#include <algorithm>

#include "engine/json_text.h"
#include "engine/text.h"

namespace zscape {

using Json = nlohmann::json;

Json json_value(const Parameter& parameter, const std::string& text) {
  using Form = ParameterField::Form;
  const bool is_list = parameter.field.form == Form::numbers;
  if (parameter.field.form == Form::word || parameter.field.form == Form::flag) return text;
  const Json value = json_or_discarded(is_list ? "[" + text + "]" : text);
  return value.is_discarded() ? Json(text) : value;  // a word in place of a number: "learned"
}

namespace {

std::optional<std::string> text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  if (!value.is_array()) return std::nullopt;
  std::string text;
  for (const Json& each : value) {
    if (!each.is_number()) return std::nullopt;
    if (!text.empty()) text += ',';
    text += each.dump();
  }
  return text;
}

}  // namespace

std::optional<std::string> text_of(const Json& value, const Parameter& parameter) {
  auto text = text_of(value);
  if (!text) return text;
  const Json again = json_value(parameter, *text);
  if (again.is_string() != value.is_string() || again.is_array() != value.is_array()) return {};
  return text;
}

Json to_json(const RunPlan& plan) {
  Json json = Json::object();
  for (const Parameter& parameter : parameters()) {
    const std::string text = parameter.value(plan);
    if (!text.empty()) json[std::string(parameter.key)] = json_value(parameter, text);
  }
  return json;
}

Expected<RunPlan> plan_from_json(const Json& json, RunPlan plan) {
  const bool is_older = json.is_array();
  std::vector<std::pair<std::string, Json>> values;
  try {
    if (is_older) {
      values = json.get<decltype(values)>();
    } else {
      for (const auto& [key, value] : json.items()) values.emplace_back(key, value);
    }
  } catch (const Json::exception& error) {
    return fail(tr("the plan of a run cannot be read: {}", error.what()));
  }
  for (const Parameter& parameter : parameters()) {
    const auto found = std::ranges::find_if(values, [&](const auto& value) {
      return value.first == (is_older ? parameter.flag() : std::string(parameter.key));
    });
    if (found == values.end()) continue;
    const auto text = is_older ? text_of(found->second) : text_of(found->second, parameter);
    if (!text)
      return fail(
          tr("{}: {} is not {}", found->first, found->second.dump(), parameter.field.range));
    if (auto read = set(plan, parameter, *text); !read) return tl::unexpected(read.error());
    values.erase(found);
  }
  if (values.empty()) return plan;
  return fail(tr("{} is no parameter that this zscape knows", values.front().first));
}

}  // namespace zscape
