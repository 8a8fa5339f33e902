#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/data/child_process.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// An array of a file, as the child describes it.
struct ChildArray {
  std::string name;                 // as a person gives it behind the file's name
  std::string type;                 // NumPy's: "uint8", "float16", "bool", "text" …, or "picture"
  std::size_t item_size = 0;        // in bytes; 0 for text and pictures
  std::vector<std::int64_t> shape;  // each ≥ 0; empty: a single number
  std::size_t axis = 0;             // of the file's shape: the rows, the first of `shape`
  std::vector<std::string> class_names;  // of its numbers; empty: the file names none
  std::int64_t rows() const { return shape.empty() ? 1 : shape.front(); }
  std::size_t row_items() const;
  std::size_t row_bytes() const { return row_items() * item_size; }
};

// A file of arrays that a C library reads, in a child process. The child lives as long as this, and
// dies with the thread that opened it; of one thread.
class ChildReader {
 public:
  // format: what zscape-read calls it ("hdf5", "mat", "parquet"). Refuses descriptions that
  // contradict themselves, and arrays that cannot come of a file of this size or do not fit into
  // memory.
  static Expected<std::shared_ptr<ChildReader>> open(const std::string& format,
                                                     const std::string& path,
                                                     const Progress& progress = {},
                                                     const ChildLimits& limits = {});

  const std::string& path() const { return process_.subject(); }
  const std::vector<ChildArray>& arrays() const { return arrays_; }
  const std::vector<std::string>& notes() const { return notes_; }  // sentences about assumptions

  // Counts the rows of an array along this axis of its shape from now on, once.
  void put_first(std::size_t array, std::size_t axis);

  // Reads rows first … first + rows - 1 of arrays()[array], in C order and this machine's byte
  // order. bytes: [rows × row_bytes()]. Not for text.
  Expected<void> read(std::size_t array, std::int64_t first, std::int64_t rows,
                      std::span<std::byte> bytes, const Progress& progress = {});
  // All items of an array of text.
  Expected<std::vector<std::string>> read_text(std::size_t array, const Progress& progress = {});

 private:
  explicit ChildReader(ChildProcess process) : process_(std::move(process)) {}
  Expected<void> describe(const std::string& text);
  Expected<void> check_sizes(std::uint64_t file_size) const;

  ChildProcess process_;
  std::string format_;
  std::uint64_t memory_ = 0;
  std::uint64_t file_size_ = 0;
  std::vector<ChildArray> arrays_;
  std::vector<std::string> notes_;
};

// A picture as a file holds it.
struct ChildPicture {
  int width = 0;
  int height = 0;
  int channels = 0;  // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
  int bits = 8;      // of a channel: 8; 16, or 32 of a grey float, in this machine's byte order
  std::vector<std::uint8_t> bytes;  // [height, width, channels]; empty if only headers were asked
};

// Reads pictures of the formats that the child knows (engine/reader/pictures.h) in one child, which
// starts anew behind a picture that breaks it. take(i, picture or why there is none) is called once
// for each path, in order, on this thread; what it fails with ends all. Fails itself only if there
// is no child, or progress cancels. For many cores: one call a thread, each for a share of them.
// deep: with 16 bits a channel where the child can.
Expected<void> read_child_pictures(
    std::span<const std::string> paths, bool pixels,
    const std::function<Expected<void>(std::size_t, Expected<ChildPicture>)>& take,
    const Progress& progress = {}, const ChildLimits& limits = {}, bool deep = false);

}  // namespace zscape
