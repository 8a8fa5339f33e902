#include "engine/data/palette.h"

#include <algorithm>

namespace zscape {
namespace {

std::size_t byte(std::string_view file, std::size_t at) {
  return at < file.size() ? static_cast<unsigned char>(file[at]) : 0;
}

std::size_t two(std::string_view file, std::size_t at) {  // little endian, as in all three
  return byte(file, at) + 256 * byte(file, at + 1);
}

std::string_view part(std::string_view file, std::size_t from, std::size_t size) {
  return from + size <= file.size() ? file.substr(from, size) : std::string_view();
}

// The palette for all frames, or the first frame's own.
bool of_gif(std::string_view file) {
  constexpr std::size_t kHeader = 13, kHasPalette = 0x80;
  constexpr char kExtension = 0x21, kFrame = 0x2C;
  const auto size_of = [](std::size_t flags) {
    return flags < kHasPalette ? 0 : std::size_t{6} << (flags & 7U);
  };
  const std::size_t of_all = size_of(byte(file, 10));
  std::size_t at = kHeader + of_all;
  while (at < file.size() && file[at] == kExtension) {
    at += 2;
    while (byte(file, at) > 0) at += 1 + byte(file, at);
    ++at;
  }
  if (at >= file.size() || file[at] != kFrame) return false;
  const std::size_t own = size_of(byte(file, at + 9));
  return are_greys(own > 0 ? part(file, at + 10, own) : part(file, kHeader, of_all), 3);
}

bool of_bmp(std::string_view file) {
  constexpr std::size_t kFileHeader = 14, kOldHeader = 12, kMostBits = 8;
  const std::size_t header = two(file, kFileHeader);
  const bool is_old = header == kOldHeader;
  const std::size_t bits = two(file, is_old ? 24 : 28);
  if (bits == 0 || bits > kMostBits) return false;
  const std::size_t said = is_old ? 0 : two(file, 46);
  const std::size_t colours = said > 0 ? std::min(said, std::size_t{256}) : std::size_t{1} << bits;
  const std::size_t size = is_old ? 3 : 4;
  return are_greys(part(file, kFileHeader + header, colours * size), size);
}

bool of_tga(std::string_view file) {
  constexpr std::size_t kHeader = 18, kMapped = 1, kPacked = 9;
  const std::size_t type = byte(file, 2), bits = byte(file, 7);
  if (byte(file, 1) != 1 || (type != kMapped && type != kPacked) || (bits != 24 && bits != 32)) {
    return false;
  }
  return are_greys(part(file, kHeader + byte(file, 0), two(file, 5) * bits / 8), bits / 8);
}

}  // namespace

bool are_greys(std::string_view palette, std::size_t size) {
  if (palette.size() < size) return false;
  for (std::size_t at = 0; at + size <= palette.size(); at += size) {
    if (palette[at] != palette[at + 1] || palette[at] != palette[at + 2]) return false;
  }
  return true;
}

bool has_grey_palette(std::string_view start) {
  if (start.starts_with("GIF8")) return of_gif(start);
  if (start.starts_with("BM")) return of_bmp(start);
  return of_tga(start);
}

}  // namespace zscape
