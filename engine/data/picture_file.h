#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// What the header of a picture file says.
struct PictureInfo {
  int width = 0;  // of the upright picture
  int height = 0;
  bool grey = false;    // one channel, or grey and alpha, or a palette of greys
  bool deep = false;    // 16 bits a channel
  int orientation = 1;  // of EXIF, 1 to 8: how the file's pixels become upright
  bool floats = false;  // of any scale
};

// ".png", …: the endings of the picture files that zscape reads, in small letters.
std::span<const std::string_view> picture_endings();

// Whether a file's name has one of these endings, in small letters or capitals.
bool has_picture_name(const std::string& name);

// Reads a picture's header. Refuses more than 134 million pixels. Any thread.
Expected<PictureInfo> read_picture_info(const std::string& path);

// Which numbers of 16 bits become black and white; nothing: the upper 8 bits are taken. Of floats;
// nothing: 0 and 1.
using DeepRange = std::optional<PixelRange>;
inline constexpr int kLargestWord = 65535;

std::uint8_t byte_of(std::uint16_t word, const DeepRange& deep);
std::uint8_t byte_of(float number, const PixelRange& range);

// The largest number of a picture of 16 bits, of its colours. kLargestWord where that is not known.
Expected<int> read_picture_peak(const std::string& path);

// Decodes a picture with stb_image, lays it over the ground where it has alpha, converts it to grey
// or RGB, turns it upright and brings it to the shape as the rules say. pixels: [shape]. True:
// parts of it are transparent. Refuses a file that stb_image rejects or that is cut short. 16-bit
// pictures are read as 8-bit by `deep`, the first picture of an animation is taken. info: of
// read_picture_info, which checks what the header claims. Any thread.
Expected<bool> read_picture(const std::string& path, const PictureInfo& info,
                            const ImageShape& shape, const PictureRules& rules,
                            std::span<std::uint8_t> pixels, const DeepRange& deep = {});

}  // namespace zscape
