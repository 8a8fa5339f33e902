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
  bool swapped = false;             // this machine has the other byte order
  bool fortran_order = false;       // the first dimension varies fastest
  std::vector<std::int64_t> shape;  // each ≥ 0; empty: a single number
};

// Whether a file begins as an NPY file does.
bool looks_like_npy(const std::string& path);

// An NPY file (format versions 1 to 3), open for reading. open() checks that the header agrees with
// the file's size, so reading never takes more memory than the file. The first dimension counts
// rows. Reads C and Fortran order and both byte orders. One thread at a time.
class NpyFile {
 public:
  // Refuses a file that is not an NPY file of plain numbers, is too short or too long, or has no
  // dimension. Object arrays are never unpickled.
  static Expected<NpyFile> open(const std::string& path);

  const std::string& path() const { return path_; }
  const std::vector<std::int64_t>& shape() const { return header_.shape; }
  std::string type_name() const;  // NumPy's: "float64", "int32", "complex64", "text" …
  std::int64_t rows() const { return header_.shape.front(); }
  std::size_t row_size() const { return row_size_; }  // items

  bool holds_bytes() const;     // uint8
  bool holds_floats() const;    // float32 or float64
  bool holds_integers() const;  // whole numbers of any size

  // Each reads all items in C order, once; the file must hold that type. float64 is rounded to
  // float32; a whole number that is too large becomes the largest possible one.
  Expected<std::vector<std::uint8_t>> read_bytes(const Progress& progress = {});
  Expected<std::vector<float>> read_floats(const Progress& progress = {});
  // The same less an offset for each place in a row, [row_size], or none: in double, before the
  // rounding. choose: sets it for float64, where places vary too little for their size, as times in
  // seconds do.
  Expected<std::vector<float>> read_floats(std::vector<double>& offset, bool choose,
                                           const Progress& progress);
  Expected<std::vector<std::int64_t>> read_integers();

 private:
  NpyFile() = default;

  template <class Item, class Put>
  Expected<void> read_items(const Put& put, const Progress& progress);
  template <class Item, class Value>
  Expected<void> read(std::vector<Value>& values, const Progress& progress);
  template <class Item>
  Expected<void> read_less(const std::vector<double>& offset, std::vector<float>& values,
                           const Progress& progress);

  std::string path_;
  std::ifstream file_;
  NpyHeader header_;
  std::size_t row_size_ = 0;
};

// An NPY file (format 1.0) of little-endian float32 or float64 in C order. values: as many as the
// product of shape. The data begin at a multiple of 64 bytes.
std::vector<std::byte> npy_bytes(std::span<const std::int64_t> shape,
                                 std::span<const float> values);
std::vector<std::byte> npy_double_bytes(std::span<const std::int64_t> shape,
                                        std::span<const double> values);

}  // namespace zscape
