#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "engine/data/npy_header.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Whether a file begins as an NPY file does.
bool looks_like_npy(const std::string& path);

// An NPY file (format versions 1 to 3) that is open for reading. Its size has been found to be just
// what its header claims, so that nothing more than the file holds is ever taken from memory; the
// items are streamed from the file to their places. The first dimension of its shape counts rows;
// C order and Fortran order, either byte order. One thread at a time.
class NpyFile {
 public:
  // Refuses what is not an NPY file of plain numbers, is cut short, goes on behind its array, or
  // has no dimension.
  static Expected<NpyFile> open(const std::string& path);

  const std::string& path() const { return path_; }
  const std::vector<std::int64_t>& shape() const { return header_.shape; }
  std::string type_name() const { return npy_type_name(header_); }
  std::int64_t rows() const { return header_.shape.front(); }
  std::size_t row_size() const { return row_size_; }  // items

  bool holds_bytes() const;     // uint8
  bool holds_floats() const;    // float32 or float64
  bool holds_integers() const;  // whole numbers of any size

  // Reads all items, those of row i in C order to places[i], [row_size]; [rows] places. The file
  // must hold what the function is named after; float64 is rounded to float32. Once only.
  Expected<void> read_bytes(std::span<std::uint8_t* const> places, const Progress& progress = {});
  Expected<void> read_floats(std::span<float* const> places, const Progress& progress = {});
  // All items in C order. Numbers above what the result holds become its largest.
  Expected<std::vector<std::int64_t>> read_integers();

 private:
  NpyFile() = default;

  // Calls store(row, column, item) for each item in the order of the file.
  template <class Item, class Store>
  Expected<void> read(const Progress& progress, Store store);

  std::string path_;
  std::ifstream file_;
  NpyHeader header_;
  std::size_t row_size_ = 0;
};

}  // namespace zscape
