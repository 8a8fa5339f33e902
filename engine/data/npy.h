#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/data/array_set.h"
#include "engine/data/byte_source.h"
#include "engine/error.h"

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
  // The same for the bytes of a file that lies elsewhere. where: for messages.
  static Expected<NpyFile> open(std::unique_ptr<ByteSource> source, const std::string& where);

  const std::string& where() const { return where_; }
  const std::vector<std::int64_t>& shape() const { return header_.shape; }
  ElementType type() const;
  std::string type_name() const;  // NumPy's: "float64", "int32", "complex64", "text" …
  std::int64_t rows() const { return header_.shape.front(); }
  std::size_t row_size() const { return row_size_; }            // items
  bool reads_slices() const { return !header_.fortran_order; }  // else all rows at once
  std::optional<FileBlock> block() const;                       // NamedArray::block

  // These rows in C order; the type must not be `other`.
  Expected<ArrayValues> read_rows(std::int64_t first, std::int64_t count);

 private:
  NpyFile() = default;

  Expected<void> read_by_columns(std::span<std::byte> rows);

  std::string where_;
  bool is_own_file_ = false;  // where_ is the path of the file, which holds nothing else
  std::unique_ptr<ByteSource> source_;
  std::uint64_t begin_ = 0;  // of the data
  NpyHeader header_;
  std::size_t row_size_ = 0;
};

// The file's array, which owns it.
NamedArray array_of(NpyFile file, std::string name);

// An NPY file (format 1.0) of little-endian float32 or float64 in C order. values: as many as the
// product of shape. The data begin at a multiple of 64 bytes.
std::vector<std::byte> npy_bytes(std::span<const std::int64_t> shape,
                                 std::span<const float> values);
std::vector<std::byte> npy_double_bytes(std::span<const std::int64_t> shape,
                                        std::span<const double> values);

}  // namespace zscape
