#pragma once

#include <string>

#include "engine/data/load.h"
#include "inputs.h"

namespace zscape {

// For files that a C library reads in a child process, where libFuzzer sees nothing: what is tried
// here is that no answer of the child harms its parent. Whether the file was read.
inline bool is_read_or_refused(const std::string& path) {
  const auto data = load_dataset({path, {}});
  demand(data || (!data.error().message.empty() &&
                  data.error().message.find('\n') == std::string::npos),
         "a refusal is one line");
  return data.has_value();
}

}  // namespace zscape
