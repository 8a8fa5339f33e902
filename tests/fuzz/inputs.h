#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

namespace zscape {

using FuzzBytes = std::span<const std::uint8_t>;

inline std::string text_of(FuzzBytes bytes) {
  return {bytes.begin(), bytes.end()};
}

// An input that stands for several files: two bytes of length before each but the last, which is
// the rest.
inline std::vector<FuzzBytes> parts_of(FuzzBytes bytes, std::size_t count) {
  std::vector<FuzzBytes> parts;
  while (parts.size() + 1 < count) {
    std::size_t length = 0;
    if (bytes.size() >= 2) {
      length = bytes[0] + std::size_t{256} * bytes[1];
      bytes = bytes.subspan(2);
    }
    length = std::min(length, bytes.size());
    parts.push_back(bytes.first(length));
    bytes = bytes.subspan(length);
  }
  parts.push_back(bytes);
  return parts;
}

// The files of one target, for readers that take a path: a folder below TMPDIR, which ./dev fuzz
// puts into memory.
class FuzzFolder {
 public:
  FuzzFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "zscape-fuzz-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  FuzzFolder(const FuzzFolder&) = delete;
  FuzzFolder& operator=(const FuzzFolder&) = delete;
  ~FuzzFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string path() const { return folder_.string(); }

  // Writes a file anew; its path.
  std::string put(const std::string& name, FuzzBytes bytes) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return path;
  }

  // An empty part of an input stands for a file that is not there.
  void put_or_remove(const std::string& name, FuzzBytes bytes) const {
    if (bytes.empty()) {
      std::filesystem::remove(folder_ / name);
    } else {
      put(name, bytes);
    }
  }

 private:
  std::filesystem::path folder_;
};

// A promise of the reader, beyond not crashing.
inline void demand(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace zscape
