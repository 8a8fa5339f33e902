#pragma once

#include <filesystem>

namespace zscape {

// The absolute path that an environment variable holds; empty where it holds none. Relative paths
// do not count (XDG Base Directory Specification).
std::filesystem::path absolute_path_in(const char* variable);

// A folder of the user's after that specification: $variable/zscape, by default
// ~/home_part/zscape; empty where neither the variable nor HOME is an absolute path.
std::filesystem::path user_folder(const char* variable, const char* home_part);

}  // namespace zscape
