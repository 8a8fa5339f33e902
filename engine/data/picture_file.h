#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// What a picture's file says in its header.
struct PictureInfo {
  int width = 0;
  int height = 0;
  bool grey = false;  // one channel, or grey and alpha
};

// Whether a file's name ends as a picture's does that zscape reads, in capitals or not: .png, .jpg,
// .jpeg, .bmp, .tga.
bool has_picture_name(const std::string& name);

// Reads the header of a picture by stb_image. Refuses more than 134 million pixels. Any thread.
Expected<PictureInfo> read_picture_info(const std::string& path);

// Decodes a picture by stb_image, lays it over black where it has alpha, and brings it to shape:
// grey or RGB, resized by stb_image_resize without regard to its proportions. pixels: [shape].
// Refuses a file that stb_image rejects, giving its reason, and one that is cut short. Pictures of
// 16 bits are read with 8; a camera's note that its picture should be turned is not heeded. Any
// thread.
Expected<void> read_picture(const std::string& path, const ImageShape& shape,
                            std::span<std::uint8_t> pixels);

}  // namespace zscape
