#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/reader/hdf5_handle.h"

namespace zscape {

// What one data set or attribute of an HDF5 file is, and its numbers. Nothing here follows a link
// or a reference.

// Opens a file for reading, without plug-ins; false: it is none.
Hdf5Id open_hdf5_file(const std::string& path);

struct Hdf5Type {
  std::string name;      // NumPy's; empty: of no kind that zscape reads
  std::size_t size = 0;  // of an item, in bytes; 0 for text
  Hdf5Id memory;         // what libhdf5 converts to
};
Hdf5Type type_of_items(hid_t file_type);

std::optional<std::vector<std::int64_t>> shape_of_space(hid_t space);

// Why a data set's numbers lie where zscape does not look, or are packed so that it cannot unpack
// them; empty: it reads them.
std::string why_unreadable(hid_t data_set);

// Rows of an open data set, [rows × the rest of its shape], appended to `bytes`.
Expected<void> read_rows(hid_t data_set, const Hdf5Type& type, std::int64_t first,
                         std::int64_t rows, std::vector<std::byte>& bytes);

// All texts of a data set; bytes that are no UTF-8 are kept.
Expected<std::vector<std::string>> read_texts(hid_t data_set);

// An attribute, if it is there and of this kind.
std::optional<std::string> text_attribute(hid_t object, const char* name);
std::optional<std::vector<std::int64_t>> whole_attribute(hid_t object, const char* name);

}  // namespace zscape
