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
  // The size to bring the inputs to: pictures of a folder are resized, plain vectors of as many
  // numbers are read as grey images. Other data that have another size are refused.
  std::optional<ImageSize> image_size;
};

}  // namespace zscape
