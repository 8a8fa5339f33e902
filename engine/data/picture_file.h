#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// What the header of a picture file says.
struct PictureInfo {
  int width = 0;
  int height = 0;
  bool grey = false;  // one channel, or grey and alpha
};

// Whether a file's name ends in .png, .jpg, .jpeg, .bmp or .tga, in small letters or capitals.
bool has_picture_name(const std::string& name);

// Reads a picture's header with stb_image. Refuses more than 134 million pixels. Any thread.
Expected<PictureInfo> read_picture_info(const std::string& path);

// Decodes a picture with stb_image, lays it over black if it has alpha, converts it to grey or RGB
// and resizes it to the shape; proportions may change. pixels: [shape]. Refuses a file that
// stb_image rejects or that is cut short. 16-bit pictures are read as 8-bit; EXIF rotation is
// ignored. To be asked after read_picture_info, which checks what the header claims. Any thread.
Expected<void> read_picture(const std::string& path, const ImageShape& shape,
                            std::span<std::uint8_t> pixels);

}  // namespace zscape
