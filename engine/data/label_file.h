#pragma once

#include <cstdint>
#include <string>

#include "engine/data/formats.h"
#include "engine/error.h"

namespace zscape {

// Gives the inputs of all parts, in their order (training part first), the labels of a file of its
// own: NPY, NPZ, HDF5 or MAT (FILE:KEY where it has several arrays), IDX, or a table, with a header
// or without. column: the table's column, by its name or number; empty: found.
Expected<void> take_labels_of_file(const std::string& source, const std::string& column,
                                   RawData& data);

}  // namespace zscape
