#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"

namespace zscape {

// What an NPY file says of its array in the text of its header (NumPy, numpy.lib.format).
struct NpyHeader {
  char kind = 0;                    // of the items, NumPy's letter: 'u', 'i', 'f', 'b' …
  std::size_t item_size = 0;        // in bytes, ≥ 1
  bool swapped = false;             // items lie in the other byte order than this machine's
  bool fortran_order = false;       // the first dimension varies fastest
  std::vector<std::int64_t> shape;  // each ≥ 0; empty: a single number
};

// Parses the header's text, a Python dictionary that must have exactly the keys 'descr',
// 'fortran_order' and 'shape'. Refuses what would be unpickled (object arrays) and structured
// arrays. path is for the messages. Any thread.
Expected<NpyHeader> parse_npy_header(std::string_view text, const std::string& path);

// NumPy's name of the type of the items: "float64", "int32", "complex64", "text" …
std::string npy_type_name(const NpyHeader& header);

}  // namespace zscape
