#pragma once

#include <nlohmann/json.hpp>

#include "engine/backend.h"
#include "engine/model_spec.h"

namespace zscape {

// Specs and run records as the files' metadata have them.
nlohmann::json to_json(const ModelSpec& spec);
nlohmann::json to_json(const RunRecord& record);

// Both throw nlohmann::json::exception where a field is missing or of the wrong type. Fields that
// came with a later version of zscape may be missing: they have their defaults.
ModelSpec spec_from_json(const nlohmann::json& object);
RunRecord record_from_json(const nlohmann::json& figures);

}  // namespace zscape
