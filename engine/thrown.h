#pragma once

#include <exception>
#include <string>

namespace zscape {

// What an exception says, in one line: LibTorch appends where it happened, line by line.
inline std::string first_line(const std::exception& thrown) {
  const std::string text = thrown.what();
  return text.substr(0, text.find('\n'));
}

}  // namespace zscape
