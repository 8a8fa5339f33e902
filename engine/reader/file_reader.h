#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/error.h"

namespace zscape {

// An array that a file holds.
struct ArrayInfo {
  std::string name;
  std::string type;  // NumPy's name: "uint8", "float32", "bool", "text" …
  std::vector<std::int64_t> shape;
};

struct FileInfo {
  std::vector<ArrayInfo> arrays;
  std::vector<std::string> notes;  // sentences: what was assumed, what is left out
};

// Takes the bytes of an array as they come.
using Sink = std::function<void(std::span<const std::byte>)>;

// A file of arrays, open in the child. May end the process: the parent makes a sentence of it.
class FileReader {
 public:
  FileReader() = default;
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;
  virtual ~FileReader() = default;

  virtual Expected<FileInfo> list() = 0;
  // Rows of list().arrays[array] along an axis, which comes first in what is read; in C order and
  // this machine's byte order.
  virtual Expected<void> read(std::size_t array, std::size_t axis, std::int64_t first,
                              std::int64_t rows, const Sink& sink) = 0;
  virtual Expected<std::vector<std::string>> read_text(std::size_t array) = 0;
};

Expected<std::unique_ptr<FileReader>> open_hdf5(const std::string& path);
Expected<std::unique_ptr<FileReader>> open_mat(const std::string& path);

}  // namespace zscape
