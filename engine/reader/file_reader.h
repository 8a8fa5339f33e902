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

// The type of a column whose values are whole picture files.
inline constexpr const char* kPictureType = "picture";

// An array that a file holds.
struct ArrayInfo {
  std::string name;
  std::string type;  // NumPy's name: "uint8", "float32", "bool", "text" …, or kPictureType
  std::vector<std::int64_t> shape;
  std::vector<std::string> class_names = {};  // of its numbers; empty: the file names none
};

struct FileInfo {
  std::vector<ArrayInfo> arrays;
  std::vector<std::string> notes;  // sentences: what was assumed, what is left out
};

// Takes the bytes of an array as they come.
using Sink = std::function<void(std::span<const std::byte>)>;

// Takes one file that a row of a column holds.
using FileSink = std::function<void(std::int64_t row, std::span<const std::byte>)>;

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
  // All files of a column of kPictureType, in the order of their rows; rows without one are
  // skipped.
  virtual Expected<void> read_files(const std::string& column, const FileSink& sink) {
    static_cast<void>(sink);
    return fail(column);
  }
};

Expected<std::unique_ptr<FileReader>> open_hdf5(const std::string& path);
Expected<std::unique_ptr<FileReader>> open_mat(const std::string& path);
// By the part for Parquet files (engine/parquet/plugin.h), where it was built.
Expected<std::unique_ptr<FileReader>> open_parquet(const std::string& path);

}  // namespace zscape
