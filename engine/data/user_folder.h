#pragma once

#include <filesystem>

namespace zscape {

// The absolute path that an environment variable holds, else empty. Relative paths do not count
// (XDG Base Directory Specification).
std::filesystem::path absolute_path_in(const char* variable);

// The user's folder by that specification: $variable/zscape, by default ~/home_part/zscape; empty
// if neither the variable nor HOME is an absolute path.
std::filesystem::path user_folder(const char* variable, const char* home_part);

}  // namespace zscape
