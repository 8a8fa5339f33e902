#pragma once

#include <ATen/core/function_schema.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/error.h"
#include "engine/model/program.h"

namespace zscape {

// The slot of a name; throws std::invalid_argument where nothing has that name yet.
using SlotOf = std::function<int(const std::string& name)>;

// An argument of the export schema as one of a function's schema. Throws std::invalid_argument with
// what is wrong.
Argument argument_from(const nlohmann::json& json, const c10::Argument& wanted,
                       const SlotOf& slot_of);

// A number or a slot, for arithmetic with sizes.
Argument size_from(const nlohmann::json& json, const SlotOf& slot_of);

}  // namespace zscape
