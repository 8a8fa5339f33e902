#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Loads "synthetic", or a folder of IDX files under their usual names, plain or compressed:
//   train-images-idx3-ubyte[.gz]   t10k-images-idx3-ubyte[.gz]
//   train-labels-idx1-ubyte[.gz]   t10k-labels-idx1-ubyte[.gz]   (both or neither)
// Images are [N,H,W] or [N,H,W,C] with C = 1 or 3; both splits have the same H, W and C. Classes
// are "0" … the largest label. The data set is named after the folder and its source is the
// folder's absolute path. Any thread; takes a second or so for MNIST.
Expected<std::shared_ptr<const Dataset>> load_dataset(const std::string& source,
                                                      const Progress& progress = {});

// Puts a file with these bytes at a path, whole or not at all (engine/io/atomic_file.h has one).
using FileWriter =
    std::function<Expected<void>(const std::string& path, std::span<const std::byte> bytes)>;

// Writes a data set as plain IDX files under their usual names, labels where it has them, so that
// load_dataset reads the folder. The folder must exist. Refuses data with more than 256 classes.
Expected<void> write_idx_dataset(const Dataset& data, const std::string& folder,
                                 const FileWriter& write);

}  // namespace zscape
