#pragma once

#include <string>
#include <vector>

#include "engine/data/child_pictures.h"
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

// The same for a picture: its header first, then its pixels. Whether they were read.
inline bool is_decoded_or_refused(const std::string& path) {
  if (!is_for_child(path)) return false;
  const auto info = read_child_picture_info(path);
  if (!info) return false;
  const ImageShape shape{28, 20, info->grey ? 1 : 3};
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(shape.size()));
  return read_child_picture(path, *info, shape, {Fit::pad, Ground::white}, pixels).has_value();
}

}  // namespace zscape
