#pragma once

#include <memory>
#include <string>

#include "engine/error.h"
#include "engine/reader/file_reader.h"

namespace zscape {

// MATLAB's files of version 7.3, which are HDF5 files. libmatio opens them too, but takes those
// that Python's hdf5storage writes for empty.
bool is_mat73(const std::string& path);
Expected<std::unique_ptr<FileReader>> open_mat73(const std::string& path);

// What a MAT file of either version holds; a refusal where that is nothing.
Expected<FileInfo> with_variables(FileInfo info, const std::string& path);

}  // namespace zscape
