#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Whether a folder holds one of the two IDX files of images, or all four files.
bool has_idx_files(const std::filesystem::path& folder);
bool has_all_idx_files(const std::filesystem::path& folder);

// Loads a folder of IDX files under their usual names, plain or compressed:
//   train-images-idx3-ubyte[.gz]   t10k-images-idx3-ubyte[.gz]
//   train-labels-idx1-ubyte[.gz]   t10k-labels-idx1-ubyte[.gz]   (both or neither)
// Images are [N,H,W] or [N,H,W,C] with C = 1 or 3; both splits have the same H, W and C. A
// labels.txt may name the classes (engine/data/labels.h). Name and source are left to the caller.
Expected<Dataset> load_idx_folder(const std::filesystem::path& folder, const Progress& progress);

// Puts a file with these bytes at a path, whole or not at all (engine/io/atomic_file.h has one).
using FileWriter =
    std::function<Expected<void>(const std::string& path, std::span<const std::byte> bytes)>;

// Writes a data set of bytes as plain IDX files under their usual names, labels where it has them,
// so that load_idx_folder reads the folder. The folder must exist. Refuses data with more than 256
// classes and data of floats.
Expected<void> write_idx_dataset(const Dataset& data, const std::string& folder,
                                 const FileWriter& write);

}  // namespace zscape
