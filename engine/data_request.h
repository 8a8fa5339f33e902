#pragma once

#include <optional>
#include <string>

namespace zscape {

struct ImageSize {
  int height = 0;
  int width = 0;
  bool operator==(const ImageSize&) const = default;
};

// Which data to load.
struct DataRequest {
  std::string source;  // a name ("synthetic"), folder or file that a format can open
  // Pictures of a folder are resized to this size; plain vectors of as many numbers are read as
  // grey images. Other data must have this size.
  std::optional<ImageSize> image_size;
};

}  // namespace zscape
