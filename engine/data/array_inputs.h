#pragma once

#include <cstdint>
#include <vector>

#include "engine/data/array_set.h"

// The numbers of an array as inputs.
namespace zscape {

// Inputs of these types stay bytes; all others become floats.
bool is_bytes(ElementType type);

// The offset of a data set, which the part that is read first chooses.
struct Offset {
  std::vector<double> values;
  bool is_chosen = false;
};

// How many inputs an array holds.
std::int64_t count_of(const NamedArray& array, const Layout& layout);

// Reads all inputs into memory, or gives them piece by piece. Those that are read first choose the
// offset.
Expected<RawInputs> read_inputs(const NamedArray& array, const Layout& layout, Offset& offset,
                                const Progress& progress);
Expected<void> stream_inputs(const NamedArray& array, const Layout& layout, Offset& offset,
                             const TakePiece& take, const Progress& progress);

}  // namespace zscape
