#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/error.h"
#include "engine/training/parameters.h"

namespace zscape {

// A parameter's value as JSON: a number, a list of numbers or a word.
nlohmann::json json_value(const Parameter& parameter, const std::string& text);

// The text of such a value; nothing where it is none, or not of the parameter's form.
std::optional<std::string> text_of(const nlohmann::json& value, const Parameter& parameter);

// What applies and is set, under the keys of the table.
nlohmann::json to_json(const RunPlan& plan);

// Reads what to_json() wrote over `plan`; a key that the table does not have is an error. Also
// reads what zscape 0.1 kept in checkpoints: a list of the command line's options with their
// values.
Expected<RunPlan> plan_from_json(const nlohmann::json& json, RunPlan plan = {});

}  // namespace zscape
