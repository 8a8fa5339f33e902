#include "engine/reader/pictures.h"

#include <array>
#include <fstream>

#include "engine/text.h"

namespace zscape {
namespace {}  // namespace

// In tiff.cpp and webp.cpp.
bool begins_as_tiff(const std::string& first_bytes);
bool begins_as_webp(const std::string& first_bytes);
Expected<Picture> read_tiff(const std::string& path, bool pixels, bool deep);
Expected<Picture> read_webp(const std::string& path, bool pixels, bool deep);

namespace {

// A row for each library. Its file defines both functions.
struct PictureFormat {
  bool (*begins)(const std::string& first_bytes);
  Expected<Picture> (*read)(const std::string& path, bool pixels, bool deep);
};

const std::vector<PictureFormat>& picture_formats() {
  static const std::vector<PictureFormat> kFormats = {{begins_as_tiff, read_tiff},
                                                      {begins_as_webp, read_webp}};
  return kFormats;
}

constexpr std::size_t kFirstBytes = 32;

}  // namespace

Expected<Picture> read_picture(const std::string& path, bool pixels, bool deep) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(tr("the picture '{}' cannot be read", path));
  std::array<char, kFirstBytes> bytes{};
  file.read(bytes.data(), bytes.size());
  const std::string first(bytes.data(), static_cast<std::size_t>(file.gcount()));
  for (const PictureFormat& format : picture_formats()) {
    if (format.begins(first)) return format.read(path, pixels, deep);
  }
  return fail(tr("'{}' is no picture of a format that zscape reads", path));
}

}  // namespace zscape
