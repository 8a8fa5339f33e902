#pragma once

#include <string>

#include "engine/error.h"

namespace zscape {

// The MD5 of a file's content, 32 hexadecimal digits in small letters. Good against accidents; for
// files that anybody may have made on purpose it proves nothing. Any thread.
Expected<std::string> md5_of_file(const std::string& path);

}  // namespace zscape
