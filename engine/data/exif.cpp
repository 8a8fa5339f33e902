#include "engine/data/exif.h"

#include <cstddef>
#include <cstdint>

namespace zscape {
namespace {

constexpr std::string_view kExif("Exif\0\0", 6);

// Bytes of a file whose offsets may be wrong: beyond the end there are zeros.
class Bytes {
 public:
  Bytes(std::string_view bytes, bool is_little) : bytes_(bytes), is_little_(is_little) {}

  std::size_t byte(std::size_t at) const {
    return at < bytes_.size() ? static_cast<unsigned char>(bytes_[at]) : 0;
  }
  std::size_t two(std::size_t at) const {
    return is_little_ ? byte(at) + 256 * byte(at + 1) : 256 * byte(at) + byte(at + 1);
  }
  std::size_t four(std::size_t at) const {
    const std::size_t first = two(at), second = two(at + 2);
    return is_little_ ? first + 65536 * second : 65536 * first + second;
  }

 private:
  std::string_view bytes_;
  bool is_little_;
};

}  // namespace

int exif_orientation(std::string_view exif) {
  constexpr std::size_t kOrientation = 0x0112, kShort = 3, kEntry = 12;
  const bool is_little = exif.starts_with("II");
  const Bytes bytes(exif, is_little);
  if ((!is_little && !exif.starts_with("MM")) || bytes.two(2) != 42) return 1;
  const std::size_t first = bytes.four(4);
  const std::size_t count = bytes.two(first);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = first + 2 + i * kEntry;
    if (entry + kEntry > exif.size()) return 1;
    if (bytes.two(entry) != kOrientation) continue;
    const std::size_t value = bytes.two(entry + 8);
    return bytes.two(entry + 2) == kShort && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

int jpeg_orientation(std::string_view file) {
  constexpr std::size_t kMetadata = 0xE1, kScan = 0xDA, kEnd = 0xD9;
  const Bytes bytes(file, false);
  for (std::size_t at = 2; at + 4 <= file.size();) {
    const std::size_t marker = bytes.byte(at + 1);
    if (bytes.byte(at) != 0xFF || marker == kScan || marker == kEnd) return 1;
    if (marker == 0xFF) {  // padding
      ++at;
      continue;
    }
    const std::size_t length = bytes.two(at + 2);
    if (length < 2) return 1;
    const std::string_view segment = file.substr(at + 4, length - 2);
    if (marker == kMetadata && segment.starts_with(kExif)) {
      return exif_orientation(segment.substr(kExif.size()));
    }
    at += 2 + length;
  }
  return 1;
}

int webp_orientation(std::string_view file) {
  const Bytes bytes(file, true);
  for (std::size_t at = 12; at + 8 <= file.size();) {
    const std::size_t length = bytes.four(at + 4);
    if (file.substr(at, 4) == "EXIF") {
      std::string_view exif = file.substr(at + 8, length);
      if (exif.starts_with(kExif)) exif.remove_prefix(kExif.size());
      return exif_orientation(exif);
    }
    at += 8 + length + length % 2;
  }
  return 1;
}

}  // namespace zscape
