#include "engine/data/child_pictures.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/exif.h"
#include "engine/data/picture_fit.h"

namespace zscape {
namespace {

bool is_webp(std::string_view file) {
  return file.starts_with("RIFF") && file.size() >= 12 && file.substr(8, 4) == "WEBP";
}
bool is_tiff(std::string_view file) {
  if (file.size() < 4 || (file[2] != '\0' && file[3] != '\0')) return false;
  return (file.starts_with("II") && (file[2] == '*' || file[2] == '+')) ||
         (file.starts_with("MM") && (file[3] == '*' || file[3] == '+'));
}

int orientation_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string file(std::istreambuf_iterator<char>(stream), {});
  return is_webp(file) ? webp_orientation(file) : exif_orientation(file);
}

Expected<ChildPicture> read_one(const std::string& path, bool pixels, bool deep = false) {
  Expected<ChildPicture> read;
  const auto done = read_child_pictures(
      {&path, 1}, pixels,
      [&](std::size_t, Expected<ChildPicture> picture) {
        read = std::move(picture);
        return Expected<void>();
      },
      {}, {}, deep);
  if (!done) return tl::unexpected(done.error());
  return read;
}

// The numbers of a picture of floats.
template <class Take>
void for_each_float(const ChildPicture& picture, const Take& take) {
  for (std::size_t i = 0; i + sizeof(float) <= picture.bytes.size(); i += sizeof(float)) {
    float number = 0;
    std::memcpy(&number, &picture.bytes[i], sizeof number);
    take(number);
  }
}

// The picture's bytes, [pixels, colours + 1]: grey as stb_image weighs it, or RGB, and alpha.
std::vector<std::uint8_t> with_alpha(const ChildPicture& picture, int colours,
                                     const DeepRange& deep) {
  if (picture.bits == 32) {
    std::vector<std::uint8_t> greys;
    for_each_float(picture, [&](float number) {
      const std::uint8_t grey = byte_of(number, deep.value_or(PixelRange{}));
      greys.insert(greys.end(), static_cast<std::size_t>(colours), grey);
      greys.push_back(255);
    });
    return greys;
  }
  const auto channels = static_cast<std::size_t>(picture.channels);
  const std::size_t wide = picture.bits > 8 ? 2 : 1;
  const std::size_t pixels =
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
  std::vector<std::uint8_t> result;
  result.reserve(pixels * static_cast<std::size_t>(colours + 1));
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    std::array<std::uint8_t, 4> value{};
    for (std::size_t c = 0; c < channels; ++c) {
      const std::uint8_t* from = picture.bytes.data() + (pixel * channels + c) * wide;
      std::uint16_t both = *from;
      if (wide == 2) std::memcpy(&both, from, wide);
      const bool is_alpha = channels % 2 == 0 && c == channels - 1;
      value[c] = wide == 1 ? *from : byte_of(both, is_alpha ? DeepRange() : deep);
    }
    const bool is_grey = channels < 3;
    const std::uint8_t alpha = channels % 2 == 0 ? value[channels - 1] : std::uint8_t{255};
    if (is_grey) value[1] = value[2] = value[0];
    if (colours == 1 && !is_grey) {
      value[0] = static_cast<std::uint8_t>((77 * value[0] + 150 * value[1] + 29 * value[2]) >> 8);
    }
    for (int c = 0; c < colours; ++c) result.push_back(value[static_cast<std::size_t>(c)]);
    result.push_back(alpha);
  }
  return result;
}

}  // namespace

bool is_for_child(const std::string& path) {
  std::array<char, 12> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), start.size());
  const std::string_view first(start.data(), static_cast<std::size_t>(file.gcount()));
  return is_webp(first) || is_tiff(first);
}

PictureInfo info_of(const ChildPicture& header, const std::string& path) {
  PictureInfo info{header.width,      header.height,        header.channels < 3,
                   header.bits == 16, orientation_of(path), header.bits == 32};
  if (info.orientation >= 5) std::swap(info.width, info.height);
  return info;
}

Expected<bool> finish_child_picture(const ChildPicture& picture, const std::string& path,
                                    const PictureInfo& info, const ImageShape& shape,
                                    const PictureRules& rules, std::span<std::uint8_t> pixels,
                                    const DeepRange& deep) {
  std::vector<std::uint8_t> decoded = with_alpha(picture, shape.channels, deep);
  return finish_picture(decoded, picture.width, picture.height, info.orientation, shape, rules,
                        pixels, path);
}

Expected<PictureInfo> read_child_picture_info(const std::string& path) {
  return read_one(path, false).map([&](const ChildPicture& header) {
    return info_of(header, path);
  });
}

Expected<bool> read_child_picture(const std::string& path, const PictureInfo& info,
                                  const ImageShape& shape, const PictureRules& rules,
                                  std::span<std::uint8_t> pixels, const DeepRange& deep) {
  return read_one(path, true, deep.has_value()).and_then([&](const ChildPicture& picture) {
    return finish_child_picture(picture, path, info, shape, rules, pixels, deep);
  });
}

int peak_of(const ChildPicture& picture) {
  if (picture.bits <= 8) return kLargestWord;  // it was brought to 8 bits already
  const auto channels = static_cast<std::size_t>(picture.channels);
  std::uint16_t peak = 0;
  for (std::size_t i = 0; 2 * i < picture.bytes.size(); ++i) {
    std::uint16_t word = 0;
    std::memcpy(&word, &picture.bytes[2 * i], sizeof word);
    if (channels % 2 == 1 || i % channels != channels - 1) peak = std::max(peak, word);
  }
  return peak;
}

Expected<PixelRange> read_child_picture_ends(const std::string& path) {
  return read_one(path, true).map([](const ChildPicture& picture) {
    PixelRange ends{std::numeric_limits<double>::infinity(),
                    -std::numeric_limits<double>::infinity()};
    if (picture.bits != 32) return ends;
    for_each_float(picture, [&](float number) {
      ends.low = std::min(ends.low, static_cast<double>(number));
      ends.high = std::max(ends.high, static_cast<double>(number));
    });
    return ends;
  });
}

Expected<int> read_child_picture_peak(const std::string& path) {
  return read_one(path, true, true).map(peak_of);
}

}  // namespace zscape
