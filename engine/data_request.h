#pragma once

#include <optional>
#include <string>

#include "engine/pixel_range.h"

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
  // Which numbers are black and white; null: found from the data (engine/data/pixel_map.h).
  std::optional<PixelRange> range = {};
  // Bytes stand for 0 … 255 and numbers in [0, 1] for themselves whatever else they look like, as
  // for a model that was trained on such. Not with range.
  bool usual_range = false;
  // The column of a table that holds the labels, by its name or its number from 1; empty: found.
  std::string label_column = {};
};

}  // namespace zscape
