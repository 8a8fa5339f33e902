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

// How a picture of other proportions comes to the size of the data.
enum class Fit {
  crop,     // it fills that size, and what lies beyond at both ends is cut off alike
  pad,      // all of it lies in that size, with the ground at both ends
  stretch,  // it fills that size and loses its proportions
};

// What lies behind a picture's transparent parts, and beside a padded one.
enum class Ground { black, white };

// How the pictures of a folder became inputs. Pictures that come later are treated so too.
struct PictureRules {
  Fit fit = Fit::crop;
  Ground ground = Ground::black;
  bool operator==(const PictureRules&) const = default;
};

// Which data to load.
struct DataRequest {
  std::string source;  // a name ("synthetic"), folder or file that a format can open
  // Pictures of a folder come to this size; plain vectors of as many numbers are read as grey
  // images. Other data must have this size.
  std::optional<ImageSize> image_size = {};
  // Of the pictures of a folder; other data ignore them.
  std::optional<Fit> fit = {};               // empty: crop
  std::optional<Ground> ground = {};         // empty: black
  std::optional<ImageSize> usual_size = {};  // theirs without an image_size; empty: found from them
  // Which numbers are black and white; null: found from the data (engine/data/pixel_map.h).
  std::optional<PixelRange> range = {};
  // Bytes stand for 0 … 255 and numbers in [0, 1] for themselves whatever else they look like, as
  // for a model that was trained on such. Not with range.
  bool usual_range = false;
  // The column of a table that holds the labels, by its name or its number from 1; empty: found.
  std::string label_column = {};
  // How much of the data may lie in memory, in GB of 2^30 bytes (engine/data_memory.h); empty: the
  // usual part of the machine's. Arrays that take more are mapped.
  std::optional<double> memory = {};
  bool sequence = false;  // the last axis of an array is one input, the one before it is time
  // A file of labels for all inputs, in the order of the user's own data; empty: the data's own.
  std::string labels_file = {};
};

}  // namespace zscape
