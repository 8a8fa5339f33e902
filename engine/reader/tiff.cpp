#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "engine/data/reader_protocol.h"
#include "engine/reader/pictures.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kBits = 8;  // that libtiff's conversion to RGBA gives

struct CloseTiff {
  void operator()(TIFF* file) const { TIFFClose(file); }
};
using TiffPtr = std::unique_ptr<TIFF, CloseTiff>;

// libtiff's first complaint about a file; later ones follow from it.
std::string& complaint() {
  static std::string text;
  return text;
}

void note_complaint(const char*, const char* format, std::va_list arguments) {
  if (!complaint().empty()) return;
  std::array<char, 512> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  complaint() = text.data();
}

tl::unexpected<Error> cannot_decode(const std::string& path) {
  return fail(tr("'{}' cannot be decoded as a picture: {}", path,
                 complaint().empty() ? tr("libtiff says no more") : complaint()));
}

template <class Value>
Value field(TIFF* file, std::uint32_t tag) {
  Value value = 0;
  TIFFGetFieldDefaulted(file, tag, &value);
  return value;
}

bool is_grey(TIFF* file, int bits) {
  const auto meaning = field<std::uint16_t>(file, TIFFTAG_PHOTOMETRIC);
  if (meaning == PHOTOMETRIC_MINISBLACK || meaning == PHOTOMETRIC_MINISWHITE) return true;
  std::uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
  if (meaning != PHOTOMETRIC_PALETTE || bits > kBits ||
      TIFFGetField(file, TIFFTAG_COLORMAP, &red, &green, &blue) == 0) {
    return false;
  }
  for (int i = 0; i < 1 << bits; ++i) {
    if (red[i] != green[i] || red[i] != blue[i]) return false;
  }
  return true;
}

// Undoes that a colour was multiplied by its alpha.
std::byte undone(std::uint32_t value, std::uint32_t alpha) {
  return static_cast<std::byte>(
      alpha == 0 ? 0 : std::min<std::uint32_t>((value * 255 + alpha / 2) / alpha, 255));
}

}  // namespace

bool begins_as_tiff(const std::string& first_bytes) {
  for (const char* begin : {"II*\0", "MM\0*", "II+\0", "MM\0+"}) {
    if (first_bytes.starts_with(std::string(begin, 4))) return true;
  }
  return false;
}

// The numbers of a grey picture of 16 bits, in strips, as microscopes write it.
Expected<Picture> read_words(TIFF* file, const std::string& path, std::uint32_t width,
                             std::uint32_t height) {
  Picture picture{static_cast<int>(width), static_cast<int>(height), 1, 16, {}};
  const auto row = static_cast<std::size_t>(TIFFScanlineSize(file));
  if (row != std::size_t{2} * width) return cannot_decode(path);
  picture.bytes.resize(row * height);
  for (std::uint32_t y = 0; y < height; ++y) {
    if (TIFFReadScanline(file, picture.bytes.data() + y * row, y) < 0) return cannot_decode(path);
  }
  return picture;
}

// The numbers of a grey picture of floats, as microscopes and their programs compute it.
Expected<Picture> read_floats(TIFF* file, const std::string& path, std::uint32_t width,
                              std::uint32_t height, std::uint16_t bits, bool pixels) {
  const bool is_plain = (bits == 32 || bits == 64) && TIFFIsTiled(file) == 0 &&
                        field<std::uint16_t>(file, TIFFTAG_SAMPLESPERPIXEL) == 1 &&
                        field<std::uint16_t>(file, TIFFTAG_PHOTOMETRIC) == PHOTOMETRIC_MINISBLACK;
  if (!is_plain) {
    return fail(
        tr("'{}' holds floats, and of these zscape reads grey ones of 32 or 64 bits in strips; "
           "save it so, or as an .npy file",
           path));
  }
  Picture picture{static_cast<int>(width), static_cast<int>(height), 1, 32, {}};
  if (!pixels) return picture;
  const auto row = static_cast<std::size_t>(TIFFScanlineSize(file));
  if (row != std::size_t{bits} / 8 * width) return cannot_decode(path);
  picture.bytes.resize(std::size_t{width} * height * sizeof(float));
  std::vector<std::byte> line(row);
  for (std::uint32_t y = 0; y < height; ++y) {
    if (TIFFReadScanline(file, line.data(), y) < 0) return cannot_decode(path);
    for (std::size_t x = 0; x < width; ++x) {
      float value = 0;
      if (bits == 32) {
        std::memcpy(&value, &line[x * sizeof value], sizeof value);
      } else {
        double wide = 0;
        std::memcpy(&wide, &line[x * sizeof wide], sizeof wide);
        value = static_cast<float>(wide);
      }
      if (!std::isfinite(value)) {
        return fail(tr("'{}' has a number that is not finite in row {}, column {} (counted from 0)",
                       path, y, x));
      }
      std::memcpy(&picture.bytes[(y * std::size_t{width} + x) * sizeof value], &value,
                  sizeof value);
    }
  }
  return picture;
}

// Its first picture, as the file has it: the parent turns it upright.
Expected<Picture> read_tiff(const std::string& path, bool pixels, bool deep) {
  complaint().clear();
  TIFFSetErrorHandler(note_complaint);
  TIFFSetWarningHandler(nullptr);
  const TiffPtr file(TIFFOpen(path.c_str(), "rm"));
  if (!file) return cannot_decode(path);
  const auto width = field<std::uint32_t>(file.get(), TIFFTAG_IMAGEWIDTH);
  const auto height = field<std::uint32_t>(file.get(), TIFFTAG_IMAGELENGTH);
  const auto bits = field<std::uint16_t>(file.get(), TIFFTAG_BITSPERSAMPLE);
  const auto kind = field<std::uint16_t>(file.get(), TIFFTAG_SAMPLEFORMAT);
  if (width == 0 || height == 0 || std::uint64_t{width} * height > kMostPicturePixels) {
    return fail(tr("'{}' is a picture of {}x{} pixels; zscape reads up to {} million", path, height,
                   width, kMostPicturePixels / 1'000'000));
  }
  if (kind == SAMPLEFORMAT_IEEEFP) {
    return read_floats(file.get(), path, width, height, bits, pixels);
  }
  if (kind != SAMPLEFORMAT_UINT) {
    return fail(
        tr("'{}' holds numbers of another kind than whole ones from 0 on; save it with 8 "
           "or 16 bits a channel, or as an .npy file",
           path));
  }
  const bool are_words =
      bits == 16 && TIFFIsTiled(file.get()) == 0 &&
      field<std::uint16_t>(file.get(), TIFFTAG_SAMPLESPERPIXEL) == 1 &&
      field<std::uint16_t>(file.get(), TIFFTAG_PHOTOMETRIC) == PHOTOMETRIC_MINISBLACK;
  if (pixels && deep && are_words) return read_words(file.get(), path, width, height);
  std::array<char, 1024> reason{};
  TIFFRGBAImage image{};
  if (TIFFRGBAImageOK(file.get(), reason.data()) == 0 ||
      TIFFRGBAImageBegin(&image, file.get(), 1, reason.data()) == 0) {
    complaint() = reason.data();
    return cannot_decode(path);
  }
  const std::unique_ptr<TIFFRGBAImage, void (*)(TIFFRGBAImage*)> end(&image, TIFFRGBAImageEnd);
  image.orientation = image.req_orientation = ORIENTATION_TOPLEFT;  // libtiff only mirrors
  const bool has_alpha = image.alpha != 0, grey = is_grey(file.get(), bits);
  Picture picture{static_cast<int>(width),
                  static_cast<int>(height),
                  (grey ? 1 : 3) + (has_alpha ? 1 : 0),
                  pixels ? kBits : int{bits},
                  {}};
  if (picture.bits < kBits) picture.bits = kBits;
  if (!pixels) return picture;

  std::vector<std::uint32_t> raster(std::size_t{width} * height);
  if (TIFFRGBAImageGet(&image, raster.data(), width, height) == 0) return cannot_decode(path);
  picture.bytes.reserve(raster.size() * static_cast<std::size_t>(picture.channels));
  // libtiff multiplies colours by their alpha, and leaves greys as they are in the file.
  const bool is_multiplied = has_alpha && !(grey && image.alpha == EXTRASAMPLE_UNASSALPHA);
  for (const std::uint32_t pixel : raster) {
    const std::uint32_t alpha = has_alpha ? TIFFGetA(pixel) : 255;
    const std::uint32_t by = is_multiplied ? alpha : 255;
    picture.bytes.push_back(undone(TIFFGetR(pixel), by));
    if (!grey) {
      picture.bytes.push_back(undone(TIFFGetG(pixel), by));
      picture.bytes.push_back(undone(TIFFGetB(pixel), by));
    }
    if (has_alpha) picture.bytes.push_back(static_cast<std::byte>(alpha));
  }
  return picture;
}

}  // namespace zscape
