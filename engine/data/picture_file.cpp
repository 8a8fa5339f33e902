#include "engine/data/picture_file.h"

#include <stb_image.h>         // its implementation is in libstb
#include <stb_image_resize.h>  // not stb_image_resize2.h, whose code no libstb holds yet

#include <algorithm>
#include <array>
#include <cassert>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>

#include "engine/data/jpeg_tables.h"
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
  void operator()(stbi_uc* pixels) const { stbi_image_free(pixels); }
};

// stb_image believes what a header claims: 18 bytes can make it take 900 MB. So a file must be long
// enough for its claims.
class Claims {
 public:
  explicit Claims(const std::string& path) : file_(path, std::ios::binary) {
    file_.read(start_.data(), static_cast<std::streamsize>(start_.size()));
    file_.clear();  // it may be shorter
    file_.seekg(0, std::ios::end);
    size_ = file_.tellg();
  }

  bool are_of_jpeg() const { return begins_with("\xFF\xD8"); }

  bool jpeg_fits() {
    std::string file(static_cast<std::size_t>(size_), '\0');
    file_.seekg(0);
    file_.read(file.data(), size_);
    return jpeg_tables_fit(file);
  }

  bool fit(const PictureInfo& info) {
    const std::int64_t pixels = std::int64_t{info.width} * info.height;
    return pixels / most_pixels_of_a_byte() <= size_ && (!is_png() || chunks_fit());
  }

 private:
  bool begins_with(std::string_view start) const {
    return std::string_view(start_.data(), start_.size()).starts_with(start);
  }
  bool is_png() const { return begins_with("\x89PNG"); }

  // A bit a pixel, deflated to 1/1032 (PNG), or a bit for 32×32 pixels (a JPEG whose grey is
  // subsampled); else runs of up to 128 pixels in two bytes (TGA).
  std::int64_t most_pixels_of_a_byte() const {
    return is_png() || are_of_jpeg() || begins_with("GIF8") ? 8 * 1032 : 64;
  }

  bool chunks_fit() {
    constexpr std::int64_t kSignature = 8, kBefore = 8, kChecksum = 4;
    for (std::int64_t place = kSignature; place + kBefore <= size_;) {
      std::array<char, kBefore> before{};
      file_.seekg(place);
      file_.read(before.data(), before.size());
      if (std::string_view(before.data(), before.size()).ends_with("IEND")) return true;
      std::int64_t length = 0;
      for (const char byte : std::span(before).first(4)) {
        length = length << 8U | static_cast<unsigned char>(byte);
      }
      place += kBefore + length;
      if (place > size_) return false;
      place += kChecksum;
    }
    return true;
  }

  std::ifstream file_;
  std::array<char, 4> start_{};
  std::int64_t size_ = 0;
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

std::uint8_t over_black(std::uint8_t value, std::uint8_t alpha) {
  return static_cast<std::uint8_t>((value * alpha + 127) / 255);
}

// Removes alpha from [pixels, colours + 1] in place; the result stands at the front.
void compose_over_black(std::span<std::uint8_t> pixels, std::size_t colours) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < pixels.size(); from += colours + 1) {
    const std::uint8_t alpha = pixels[from + colours];
    for (std::size_t c = 0; c < colours; ++c) pixels[to++] = over_black(pixels[from + c], alpha);
  }
}

bool resize(const std::uint8_t* from, int width, int height, const ImageShape& shape,
            std::uint8_t* to) {
  return stbir_resize_uint8(from, width, height, 0, to, shape.width, shape.height, 0,
                            shape.channels) != 0;
}

}  // namespace

bool has_picture_name(const std::string& name) {
  constexpr std::array<std::string_view, 5> kEndings = {".png", ".jpg", ".jpeg", ".bmp", ".tga"};
  std::string ending = std::filesystem::path(name).extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  return std::ranges::find(kEndings, ending) != kEndings.end();
}

Expected<PictureInfo> read_picture_info(const std::string& path) {
  PictureSource source(path);
  if (!source.is_open()) return cannot_open(path);
  const stbi_io_callbacks callbacks = PictureSource::callbacks();
  PictureInfo info;
  int channels = 0;
  if (stbi_info_from_callbacks(&callbacks, &source, &info.width, &info.height, &channels) == 0) {
    return cannot_decode(path);
  }
  if (info.width < 1 || info.height < 1 || std::int64_t{info.width} * info.height > kMostPixels) {
    return fail(tr("'{}' is a picture of {}x{} pixels; zscape reads up to {} million", path,
                   info.height, info.width, kMostPixels / 1'000'000));
  }
  Claims claims(path);
  if (!claims.fit(info)) return cut_short(path);
  if (claims.are_of_jpeg() && !claims.jpeg_fits()) {
    return fail(tr("'{}' is a damaged JPEG: a Huffman table is missing or too large", path));
  }
  info.grey = channels < 3;
  return info;
}

Expected<void> read_picture(const std::string& path, const ImageShape& shape,
                            std::span<std::uint8_t> pixels) {
  assert(shape.channels == 1 || shape.channels == 3);
  assert(pixels.size() == static_cast<std::size_t>(shape.size()));
  PictureSource source(path);
  if (!source.is_open()) return cannot_open(path);
  const stbi_io_callbacks callbacks = PictureSource::callbacks();
  int width = 0;
  int height = 0;
  int channels = 0;
  const std::unique_ptr<stbi_uc, FreePixels> decoded(stbi_load_from_callbacks(
      &callbacks, &source, &width, &height, &channels, shape.channels + 1));
  if (!decoded) return cannot_decode(path);
  if (source.wanted_more()) return cut_short(path);

  const auto colours = static_cast<std::size_t>(shape.channels);
  const auto count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  compose_over_black(std::span(decoded.get(), count * (colours + 1)), colours);
  if (width == shape.width && height == shape.height) {
    std::copy_n(decoded.get(), pixels.size(), pixels.begin());
  } else if (!resize(decoded.get(), width, height, shape, pixels.data())) {
    return fail(
        tr("'{}' cannot be resized to {}x{}: not enough memory", path, shape.height, shape.width));
  }
  return {};
}

}  // namespace zscape
