#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// A picture in memory: row by row, the channels of a pixel side by side.
struct PixelView {
  const std::uint8_t* pixels = nullptr;
  int width = 0;
  int height = 0;
};

// The picture as EXIF's orientation (1 to 8) wants it seen; 5 to 8 change width and height.
std::vector<std::uint8_t> upright(const PixelView& picture, int channels, int orientation);

// Brings a picture with the channels of the shape to its size. to: [shape]. False: there is not
// enough memory.
bool fit_picture(const PixelView& picture, const ImageShape& shape, const PictureRules& rules,
                 std::span<std::uint8_t> to);

// Lays a decoded picture, [height, width, channels of the shape + alpha], over the ground, turns it
// upright and brings it to the shape. decoded: changed. to: [shape]. path: for messages. True:
// parts of it are transparent.
Expected<bool> finish_picture(std::span<std::uint8_t> decoded, int width, int height,
                              int orientation, const ImageShape& shape, const PictureRules& rules,
                              std::span<std::uint8_t> to, const std::string& path);

// What a fit costs a picture of this size, in [0, 1]: of crop the share of it that is cut off, of
// pad the share of the result that is ground, of stretch nothing.
double share_lost(int width, int height, const ImageSize& size, Fit fit);

// The size for pictures of these sizes: theirs where they are alike and no side is longer than 64,
// else their proportions with a longer side of up to 64, else, where proportions differ, a square.
// Longer sides become multiples of 4, so that convolutions and patches fit. Stretched pictures
// without a common size become 28×28, as older versions of
// zscape read them. sizes: at least one.
ImageSize size_for(const std::vector<ImageSize>& sizes, Fit fit);

}  // namespace zscape
