#pragma once

#include <string>

#include "engine/error.h"

namespace zscape {

// The MD5 of a file's content as 32 small hexadecimal digits. It detects damage, not forgery. Any
// thread.
Expected<std::string> md5_of_file(const std::string& path);

}  // namespace zscape
