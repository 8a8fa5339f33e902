#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"

namespace zscape {

// The largest label that a file may hold; all labels up to it become classes.
inline constexpr std::int64_t kLargestLabel = 65535;

// The file beside the data that names the classes, one a line.
inline constexpr const char* kClassNamesFile = "labels.txt";

// The names of the classes 0 … largest (-1: there are no labels). They come from labels.txt in the
// folder (one name a line; empty folder: skipped), else from the format, else they are numbers.
// labels.txt may name more classes than the labels have, but must agree with the format's number.
// Refuses an empty file and a name that is blank or not UTF-8.
Expected<std::vector<std::string>> class_names(std::int64_t largest,
                                               const std::vector<std::string>& of_format,
                                               const std::filesystem::path& folder);

// Whether text is UTF-8: no stray or missing bytes, no overlong forms, no surrogates.
bool is_utf8(std::string_view text);

// The text with U+FFFD for each byte that belongs to no character: file names may hold any bytes.
std::string as_utf8(std::string_view text);

}  // namespace zscape
