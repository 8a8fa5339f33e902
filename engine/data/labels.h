#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/error.h"

namespace zscape {

// The largest label that a file may hold: each label up to it becomes a class with a name.
inline constexpr std::int64_t kLargestLabel = 65535;

// The names of the classes 0 … largest (-1: no labels, no names). labels.txt in the folder (empty:
// nowhere) names them, one a line; else they have the names that the format gives them, else
// numbers. labels.txt may name more classes than there are labels, but exactly as many as the
// format does. Refuses a file that is empty and a name that is blank or not UTF-8.
Expected<std::vector<std::string>> class_names(std::int64_t largest,
                                               const std::vector<std::string>& of_format,
                                               const std::filesystem::path& folder);

}  // namespace zscape
