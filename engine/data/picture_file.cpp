#include "engine/data/picture_file.h"

#include <stb_image.h>  // its implementation is in libstb

#include <algorithm>
#include <array>
#include <cassert>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

#include "engine/data/child_pictures.h"
#include "engine/data/exif.h"
#include "engine/data/jpeg_tables.h"
#include "engine/data/netpbm.h"
#include "engine/data/palette.h"
#include "engine/data/picture_fit.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kMostPixels = 1 << 27;
constexpr int kReadAhead = 128;  // bytes that stb_image asks for at once, even at the file's end

// A file that stb_image reads. stb_image treats missing bytes as zeros, so this class watches
// whether it asks for more than the file holds.
class PictureSource {
 public:
  explicit PictureSource(const std::string& path) : file_(path, std::ios::binary) {}

  bool is_open() const { return file_.is_open(); }
  bool wanted_more() const { return wanted_more_; }

  static stbi_io_callbacks callbacks() {
    return {
        [](void* user, char* data, int size) {
          return static_cast<PictureSource*>(user)->read(data, size);
        },
        [](void* user, int count) { static_cast<PictureSource*>(user)->skip(count); },
        [](void* user) { return static_cast<PictureSource*>(user)->at_end(); },
    };
  }

 private:
  int read(char* data, int size) {
    file_.clear();  // an earlier read may have met the end
    file_.read(data, size);
    const int count = static_cast<int>(file_.gcount());
    std::memset(data + count, 0, static_cast<std::size_t>(size - count));
    if (count == 0 || (count < size && size != kReadAhead)) wanted_more_ = true;
    return count;
  }
  void skip(int count) {
    file_.clear();
    file_.seekg(count, std::ios::cur);
  }
  int at_end() { return file_.peek() == std::ifstream::traits_type::eof() ? 1 : 0; }

  std::ifstream file_;
  bool wanted_more_ = false;
};

struct FreePixels {
  void operator()(void* pixels) const { stbi_image_free(pixels); }
};
using Words = std::unique_ptr<stbi_us, FreePixels>;

// What stb_image does not tell of a file. It believes what a header claims: 18 bytes can make it
// take 900 MB. So a file must be long enough for its claims.
class PictureHeader {
 public:
  explicit PictureHeader(const std::string& path) : file_(path, std::ios::binary) {
    file_.read(start_.data(), static_cast<std::streamsize>(start_.size()));
    start_size_ = static_cast<std::size_t>(file_.gcount());
    file_.clear();  // it may be shorter
    file_.seekg(0, std::ios::end);
    size_ = file_.tellg();
    if (is_png()) {
      walk_chunks();
    } else if (is_jpeg()) {
      read_jpeg();
    } else {
      has_grey_palette_ = zscape::has_grey_palette(start());
    }
  }

  // Formats that nobody asked for and stb_image reads less carefully: PSD, HDR, PIC and PNM.
  bool is_of_other_format() const {
    constexpr std::array<std::string_view, 5> kOthers = {"8BPS", "#?", "\x53\x80\xF6\x34", "P5",
                                                         "P6"};
    return std::ranges::any_of(
        kOthers, [this](std::string_view other) { return start().starts_with(other); });
  }

  bool is_long_enough(const PictureInfo& info) const {
    const std::int64_t pixels = std::int64_t{info.width} * info.height;
    return pixels / most_pixels_of_a_byte() <= size_ && chunks_fit_;
  }
  bool has_its_tables() const { return has_its_tables_; }
  bool has_grey_palette() const { return has_grey_palette_; }
  int orientation() const { return orientation_; }

 private:
  static constexpr std::size_t kStart = 2048;  // enough for every palette
  static constexpr std::int64_t kMostMetadata = 1 << 16;

  std::string_view start() const { return {start_.data(), start_size_}; }
  bool is_jpeg() const { return start().starts_with("\xFF\xD8"); }
  bool is_png() const { return start().starts_with("\x89PNG"); }

  // A bit a pixel, deflated to 1/1032 (PNG), or a bit for 32×32 pixels (a JPEG whose grey is
  // subsampled); else runs of up to 128 pixels in two bytes (TGA).
  std::int64_t most_pixels_of_a_byte() const {
    return is_png() || is_jpeg() || start().starts_with("GIF8") ? 8 * 1032 : 64;
  }

  std::string bytes(std::int64_t from, std::int64_t length) {
    std::string read(static_cast<std::size_t>(length), '\0');
    file_.clear();
    file_.seekg(from);
    file_.read(read.data(), length);
    return read;
  }

  void read_jpeg() {
    const std::string file = bytes(0, size_);
    has_its_tables_ = jpeg_tables_fit(file);
    orientation_ = jpeg_orientation(file);
  }

  void walk_chunks() {
    constexpr std::int64_t kSignature = 8, kBefore = 8, kChecksum = 4;
    constexpr std::size_t kColourType = 25, kPalette = 3;
    for (std::int64_t place = kSignature; place + kBefore <= size_;) {
      const std::string before = bytes(place, kBefore);
      if (before.ends_with("IEND")) return;
      std::int64_t length = 0;
      for (const char byte : std::string_view(before).substr(0, 4)) {
        length = length << 8U | static_cast<unsigned char>(byte);
      }
      place += kBefore;
      if (length > size_ - place) {
        chunks_fit_ = false;
        return;
      }
      if (length <= kMostMetadata && before.ends_with("eXIf")) {
        orientation_ = exif_orientation(bytes(place, length));
      } else if (length <= kMostMetadata && before.ends_with("PLTE") &&
                 start_[kColourType] == kPalette) {
        has_grey_palette_ = are_greys(bytes(place, length), 3);
      }
      place += length + kChecksum;
    }
  }

  std::ifstream file_;
  std::array<char, kStart> start_{};
  std::size_t start_size_ = 0;
  std::int64_t size_ = 0;
  bool chunks_fit_ = true;
  bool has_its_tables_ = true;
  bool has_grey_palette_ = false;
  int orientation_ = 1;
};

tl::unexpected<Error> cannot_open(const std::string& path) {
  return fail(tr("'{}' cannot be opened: {}", path, std::strerror(errno)));
}

tl::unexpected<Error> cut_short(const std::string& path) {
  return fail(tr("'{}' is cut short: its picture's data end early", path));
}

tl::unexpected<Error> cannot_decode(const std::string& path) {
  return fail(tr("'{}' cannot be decoded as a picture: {}", path, stbi_failure_reason()));
}

// PBM, PGM and PPM, which need no library; nothing: it is another file.
std::optional<Expected<ChildPicture>> as_netpbm(const std::string& path, bool pixels) {
  std::ifstream stream(path, std::ios::binary);
  std::array<char, 3> start{};
  stream.read(start.data(), start.size());
  if (!stream || !is_netpbm({start.data(), start.size()})) return std::nullopt;
  stream.seekg(0);
  const std::string file(std::istreambuf_iterator<char>(stream), {});
  return read_netpbm(file, path, pixels);
}

}  // namespace

std::span<const std::string_view> picture_endings() {
  static constexpr std::array<std::string_view, 13> kEndings = {
      ".png", ".jpg", ".jpeg", ".bmp",  ".tga", ".gif", ".pbm",
      ".pgm", ".ppm", ".pnm",  ".webp", ".tif", ".tiff"};
  return kEndings;
}

bool has_picture_name(const std::string& name) {
  std::string ending = std::filesystem::path(name).extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  return std::ranges::find(picture_endings(), ending) != picture_endings().end();
}

Expected<PictureInfo> read_picture_info(const std::string& path) {
  if (is_for_child(path)) return read_child_picture_info(path);
  if (const auto netpbm = as_netpbm(path, false)) {
    return netpbm->map([](const ChildPicture& header) {
      return PictureInfo{header.width, header.height, header.channels == 1, header.bits > 8, 1};
    });
  }
  PictureSource source(path);
  if (!source.is_open()) return cannot_open(path);
  const stbi_io_callbacks callbacks = PictureSource::callbacks();
  const PictureHeader header(path);
  if (header.is_of_other_format()) {
    return fail(tr("'{}' is a picture of another format than its name says", path));
  }
  PictureInfo info;
  int channels = 0;
  if (stbi_info_from_callbacks(&callbacks, &source, &info.width, &info.height, &channels) == 0) {
    return cannot_decode(path);
  }
  if (info.width < 1 || info.height < 1 || std::int64_t{info.width} * info.height > kMostPixels) {
    return fail(tr("'{}' is a picture of {}x{} pixels; zscape reads up to {} million", path,
                   info.height, info.width, kMostPixels / 1'000'000));
  }
  if (!header.is_long_enough(info)) return cut_short(path);
  if (!header.has_its_tables()) {
    return fail(tr("'{}' is a damaged JPEG: a Huffman table is missing or too large", path));
  }
  info.grey = channels < 3 || header.has_grey_palette();
  PictureSource again(path);
  info.deep = stbi_is_16_bit_from_callbacks(&callbacks, &again) != 0;
  info.orientation = header.orientation();
  if (info.orientation >= 5) std::swap(info.width, info.height);
  return info;
}

std::uint8_t byte_of(std::uint16_t word, const DeepRange& deep) {
  if (!deep) return static_cast<std::uint8_t>(word >> 8U);
  return byte_of(static_cast<float>(word), *deep);
}

std::uint8_t byte_of(float number, const PixelRange& range) {
  const double unit = (static_cast<double>(number) - range.low) / (range.high - range.low);
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(unit, 0.0, 1.0)));
}

Expected<int> read_picture_peak(const std::string& path) {
  if (is_for_child(path)) return read_child_picture_peak(path);
  if (as_netpbm(path, false)) return kLargestWord;  // its header names the largest
  PictureSource source(path);
  if (!source.is_open()) return cannot_open(path);
  const stbi_io_callbacks callbacks = PictureSource::callbacks();
  int width = 0, height = 0, channels = 0;
  const Words words(
      stbi_load_16_from_callbacks(&callbacks, &source, &width, &height, &channels, 0));
  if (!words) return cannot_decode(path);
  if (source.wanted_more()) return cut_short(path);
  const auto each = static_cast<std::size_t>(channels);
  const std::size_t all = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * each;
  int peak = 0;
  for (std::size_t i = 0; i < all; ++i) {
    if (each % 2 == 1 || i % each != each - 1) peak = std::max(peak, int{words.get()[i]});
  }
  return peak;
}

Expected<bool> read_picture(const std::string& path, const PictureInfo& info,
                            const ImageShape& shape, const PictureRules& rules,
                            std::span<std::uint8_t> pixels, const DeepRange& deep) {
  assert(shape.channels == 1 || shape.channels == 3);
  assert(pixels.size() == static_cast<std::size_t>(shape.size()));
  if (is_for_child(path)) return read_child_picture(path, info, shape, rules, pixels, deep);
  if (const auto netpbm = as_netpbm(path, true)) {
    return netpbm->and_then([&](const ChildPicture& picture) {
      return finish_child_picture(picture, path, info, shape, rules, pixels);
    });
  }
  PictureSource source(path);
  if (!source.is_open()) return cannot_open(path);
  const stbi_io_callbacks callbacks = PictureSource::callbacks();
  int width = 0, height = 0, channels = 0;
  if (deep && info.deep) {
    const Words words(stbi_load_16_from_callbacks(&callbacks, &source, &width, &height, &channels,
                                                  shape.channels + 1));
    if (!words) return cannot_decode(path);
    if (source.wanted_more()) return cut_short(path);
    const auto each = static_cast<std::size_t>(shape.channels) + 1;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(width) *
                                    static_cast<std::size_t>(height) * each);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = byte_of(words.get()[i], i % each == each - 1 ? DeepRange() : deep);
    }
    return finish_picture(bytes, width, height, info.orientation, shape, rules, pixels, path);
  }
  const std::unique_ptr<stbi_uc, FreePixels> decoded(stbi_load_from_callbacks(
      &callbacks, &source, &width, &height, &channels, shape.channels + 1));
  if (!decoded) return cannot_decode(path);
  if (source.wanted_more()) return cut_short(path);
  const auto size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                    static_cast<std::size_t>(shape.channels + 1);
  return finish_picture({decoded.get(), size}, width, height, info.orientation, shape, rules,
                        pixels, path);
}

}  // namespace zscape
