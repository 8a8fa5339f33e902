#include "engine/data/left_out.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <system_error>

#include "engine/data/picture_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

using GzipPtr = std::unique_ptr<gzFile_s, int (*)(gzFile)>;

// Compares what is in two files, each of them plain or compressed.
bool hold_the_same(const fs::path& one, const fs::path& other) {
  const GzipPtr a(gzopen(one.c_str(), "rb"), gzclose), b(gzopen(other.c_str(), "rb"), gzclose);
  if (!a || !b) return false;
  std::vector<char> in_a(std::size_t{1} << 17), in_b(in_a.size());
  for (;;) {
    const int from_a = gzread(a.get(), in_a.data(), static_cast<unsigned>(in_a.size()));
    const int from_b = gzread(b.get(), in_b.data(), static_cast<unsigned>(in_b.size()));
    if (from_a != from_b || from_a < 0) return false;
    if (from_a == 0) return true;
    if (!std::equal(in_a.begin(), in_a.begin() + from_a, in_b.begin())) return false;
  }
}

// A few pictures beside data are most likely results that were saved there.
bool are_stray_pictures(const std::string& folder) {
  constexpr std::ptrdiff_t kFew = 10;
  std::error_code error;
  std::ptrdiff_t pictures = 0;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (has_picture_name(entry.path().string())) ++pictures;
  }
  return pictures > 0 && pictures < kFew;
}

}  // namespace

std::vector<std::string> left_out_of(const std::string& source, const DataFormat& format) {
  std::vector<std::string> left_out;
  std::error_code error;
  if (format.is_name || !fs::is_directory(source, error)) return left_out;
  for (const DataFormat& other : data_formats()) {
    if (&other == &format || other.is_name || !other.can_open(source)) continue;
    const bool takes_pictures = other.reads && other.reads("a.png");
    if (takes_pictures && are_stray_pictures(source)) continue;
    left_out.push_back(
        tr("taken as {}; it is {} too, which is left out", format.source, other.source));
  }
  if (!format.reads) return left_out;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(source, error)) files.push_back(entry.path());
  std::ranges::sort(files);
  for (const fs::path& compressed : files) {
    const fs::path plain = fs::path(compressed).replace_extension();
    const bool are_both = compressed.extension() == ".gz" && fs::is_regular_file(plain, error);
    if (!are_both || !format.reads(plain.filename()) || hold_the_same(plain, compressed)) continue;
    left_out.push_back(tr("{} is taken; {}, whose contents are others, is left out",
                          plain.filename().string(), compressed.filename().string()));
  }
  return left_out;
}

}  // namespace zscape
