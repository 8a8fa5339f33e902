#pragma once

#include <exception>
#include <string>

namespace zscape {

// The first line of an exception's message; LibTorch appends a backtrace.
inline std::string first_line(const std::exception& thrown) {
  const std::string text = thrown.what();
  return text.substr(0, text.find('\n'));
}

}  // namespace zscape
