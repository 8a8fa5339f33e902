#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// What the header of an NPY file says about its array (NumPy, numpy.lib.format).
struct NpyHeader {
  char kind = 0;                    // of the items, NumPy's letter: 'u', 'i', 'f', 'b' …
  std::size_t item_size = 0;        // in bytes, ≥ 1
  bool swapped = false;             // items lie in the other byte order than this machine's
  bool fortran_order = false;       // the first dimension varies fastest
  std::vector<std::int64_t> shape;  // each ≥ 0; empty: a single number
};

// Whether a file begins as an NPY file does.
bool looks_like_npy(const std::string& path);

// An NPY file (format versions 1 to 3) that is open for reading. open() checks that the file has
// exactly the size that its header claims, so that reading never takes more memory than the file
// holds. The first dimension of the shape counts rows. C order and Fortran order, either byte
// order. One thread at a time.
class NpyFile {
 public:
  // Refuses a file that is not an NPY file of plain numbers, is cut short, goes on behind its
  // array, or has no dimension. Object arrays are never unpickled.
  static Expected<NpyFile> open(const std::string& path);

  const std::string& path() const { return path_; }
  const std::vector<std::int64_t>& shape() const { return header_.shape; }
  std::string type_name() const;  // NumPy's: "float64", "int32", "complex64", "text" …
  std::int64_t rows() const { return header_.shape.front(); }
  std::size_t row_size() const { return row_size_; }  // items

  bool holds_bytes() const;     // uint8
  bool holds_floats() const;    // float32 or float64
  bool holds_integers() const;  // whole numbers of any size

  // Read all items, in C order. The file must hold what the function is named after. float64 is
  // rounded to float32; whole numbers above what the result holds become its largest. Once only.
  Expected<std::vector<std::uint8_t>> read_bytes(const Progress& progress = {});
  Expected<std::vector<float>> read_floats(const Progress& progress = {});
  Expected<std::vector<std::int64_t>> read_integers();

 private:
  NpyFile() = default;

  template <class Item, class Value>
  Expected<void> read(std::vector<Value>& values, const Progress& progress);

  std::string path_;
  std::ifstream file_;
  NpyHeader header_;
  std::size_t row_size_ = 0;
};

// The bytes of an NPY file (format 1.0) of float32 in C order, little endian, for NumPy's load().
// values: as many as the product of shape. The data begin at a multiple of 64 bytes.
std::vector<std::byte> npy_bytes(std::span<const std::int64_t> shape,
                                 std::span<const float> values);

}  // namespace zscape
