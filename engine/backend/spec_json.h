#pragma once

#include <nlohmann/json.hpp>

#include "engine/backend.h"
#include "engine/model_spec.h"

namespace zscape {

// Specs and run records in the metadata of files.
nlohmann::json to_json(const ModelSpec& spec);
nlohmann::json to_json(const RunRecord& record);

// Both throw nlohmann::json::exception if a required field is missing or a field has the wrong
// type. Fields that older versions did not write have defaults.
ModelSpec spec_from_json(const nlohmann::json& object);
RunRecord record_from_json(const nlohmann::json& figures);

}  // namespace zscape
