#pragma once

#include <nlohmann/json.hpp>

namespace zscape {

// Files of people keep the order of their keys.
using OrderedJson = nlohmann::ordered_json;

}  // namespace zscape
