#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/error.h"

namespace zscape {

// A picture as a file holds it.
struct Picture {
  int width = 0;
  int height = 0;
  int channels = 0;  // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
  int bits = 8;      // of a channel: 8; 16, or 32 of a grey float, of this machine's byte order
  std::vector<std::byte> bytes;  // [height, width, channels]
};

// Reads a picture of a format that zscape leaves to this process, by its first bytes. Without
// pixels: its header alone. deep: with 16 bits where a library gives them; else with 8.
Expected<Picture> read_picture(const std::string& path, bool pixels, bool deep);

}  // namespace zscape
