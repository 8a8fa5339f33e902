#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/error.h"
#include "engine/training/parameters.h"

namespace zscape {

// A parameter's value as JSON: a number, a list of numbers or a word.
nlohmann::json json_value(const Parameter& parameter, const std::string& text);

// The text of such a value; nothing if it does not have the parameter's form.
std::optional<std::string> text_of(const nlohmann::json& value, const Parameter& parameter);

// All parameters that apply and are set, by key.
nlohmann::json to_json(const RunPlan& plan);

// Overwrites `plan` with what to_json() wrote; an unknown key is an error. Also reads the
// checkpoints of zscape 0.1: a list of command-line options with their values.
Expected<RunPlan> plan_from_json(const nlohmann::json& json, RunPlan plan = {});

}  // namespace zscape
