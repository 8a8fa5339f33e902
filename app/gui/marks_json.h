#pragma once

#include <nlohmann/json_fwd.hpp>

#include "app/gui/view/latent/layers.h"
#include "app/gui/view/paths/marks.h"

namespace zscape {

// Pins, paths and layers in a session file. Reading throws std::runtime_error, or what nlohmann
// throws, if something is missing or invalid.

nlohmann::json marks_json(const Marks& marks);  // {"pins": […], "paths": […]}
Marks marks_from(const nlohmann::json& json);   // of an object that has these two

nlohmann::json layers_json(const Layers& layers);  // the names of those switched on
Layers layers_from(const nlohmann::json& view);    // "layers", "ellipses_of_all"

const char* key_of(SplitName split);  // "train" or "test"
SplitName split_from(const nlohmann::json& json);

}  // namespace zscape
