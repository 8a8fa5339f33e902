#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "engine/data/load.h"
#include "engine/error.h"

namespace zscape {

using Bytes = std::vector<std::uint8_t>;

inline Expected<void> write_plainly(const std::string& path, std::span<const std::byte> bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file) return fail("'" + path + "' cannot be written");
  return {};
}

// An empty folder of its own for each test.
class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "zscape-data-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~FolderTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  // Writes a file, its folder made where it is missing; its path.
  std::string write(const std::string& name, const Bytes& bytes) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    EXPECT_TRUE(write_plainly(path(name), std::as_bytes(std::span(bytes))));
    return path(name);
  }
  std::string write_text(const std::string& name, const std::string& text) const {
    return write(name, Bytes(text.begin(), text.end()));
  }

  Bytes read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(file), {});
  }

  std::filesystem::path folder_;
};

inline Expected<std::shared_ptr<const Dataset>> load(const std::string& source,
                                                     std::optional<ImageSize> size = {}) {
  return load_dataset(DataRequest{source, size});
}

// The error of loading a source; empty where there is none. One line, always.
inline std::string error_of(const std::string& source, std::optional<ImageSize> size = {}) {
  const auto data = load(source, size);
  if (data) return "";
  EXPECT_EQ(data.error().message.find('\n'), std::string::npos) << data.error().message;
  EXPECT_FALSE(data.error().message.empty());
  return data.error().message;
}

// The bytes of numbers as they lie in memory, which is little endian on our machines.
template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  Bytes bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// An NPY file with this dictionary in its header, padded as NumPy does it.
inline Bytes npy_with_header(std::string dictionary, const Bytes& data, int version = 1) {
  const std::size_t before = version == 1 ? 10 : 12;
  while ((before + dictionary.size() + 1) % 64 != 0) dictionary += ' ';
  dictionary += '\n';
  Bytes bytes = {0x93, 'N', 'U', 'M', 'P', 'Y', static_cast<std::uint8_t>(version), 0};
  for (std::size_t i = 0; i < before - 8; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(dictionary.size() >> (8 * i)));
  }
  bytes.insert(bytes.end(), dictionary.begin(), dictionary.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

inline Bytes npy(const std::string& type, const std::string& shape, const Bytes& data,
                 bool fortran_order = false) {
  return npy_with_header("{'descr': '" + type + "', 'fortran_order': " +
                             (fortran_order ? "True" : "False") + ", 'shape': " + shape + ", }",
                         data);
}

template <class T>
Bytes npy(const std::string& type, const std::string& shape, const std::vector<T>& values,
          bool fortran_order = false) {
  return npy(type, shape, bytes_of(values), fortran_order);
}

}  // namespace zscape
