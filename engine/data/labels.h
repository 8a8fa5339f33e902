#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// The largest label that a file may hold: each label up to it becomes a class with a name.
inline constexpr std::int64_t kLargestLabel = 65535;

inline constexpr const char* kClassNamesFile = "labels.txt";

// "0" … the largest label of both splits; empty without labels.
std::vector<std::string> numbered_class_names(const Dataset& data);

// The class names of labels.txt in this folder, one a line, UTF-8, blank lines at the end left out;
// empty where there is no such file. Refuses an empty file and a name that is blank or not UTF-8.
Expected<std::vector<std::string>> read_class_names(const std::filesystem::path& folder);

// Names the classes of labelled data: by labels.txt in the folder, which must have a name for each
// label and may have more, else by numbers. Data without labels get no classes.
Expected<void> name_classes(Dataset& data, const std::filesystem::path& folder);

}  // namespace zscape
