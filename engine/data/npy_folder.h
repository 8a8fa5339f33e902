#pragma once

#include <filesystem>
#include <optional>

#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Whether a folder holds images.npy, train-images.npy or test-images.npy.
bool has_npy_files(const std::filesystem::path& folder);

// Loads a folder of NPY files:
//   train-images.npy and test-images.npy [, train-labels.npy and test-labels.npy], or
//   images.npy [, labels.npy], of which one row in seven is for testing (engine/data/split_rows.h).
// Images are [N, D] (plain vectors), [N, H, W] or [N, H, W, C] with C = 1 or 3, of uint8 (0 … 255
// stand for [0, 1]), float32 or float64 (kept as float32). Floats outside [0, 1] are to be read
// standardised (Dataset::scaling); those that are not finite, or beyond ±1e30, are refused. Labels
// are [N], whole numbers of any size; labels.txt may name the classes (engine/data/labels.h).
// With size, [N, height · width] becomes grey images. Name and source are left to the caller.
Expected<Dataset> load_npy_folder(const std::filesystem::path& folder,
                                  const std::optional<ImageSize>& size, const Progress& progress);

// Loads one NPY file of images, without labels; otherwise the same.
Expected<Dataset> load_npy_file(const std::filesystem::path& path,
                                const std::optional<ImageSize>& size, const Progress& progress);

}  // namespace zscape
