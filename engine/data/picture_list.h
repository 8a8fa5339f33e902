#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/formats.h"
#include "engine/data_request.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Pictures sorted by path within their class, so that those of a class stand together.
struct PictureList {
  std::vector<std::string> paths;
  std::vector<std::int64_t> labels;      // [paths]; empty: no labels
  std::vector<std::string> class_names;  // "cat", "greek/alpha", 2 before 10; empty: no labels
};

// The pictures of a folder: one set, or a training and a test set of the same classes.
struct PictureFolder {
  PictureList train;
  std::optional<PictureList> test;
  std::string assumed;                // a sentence about the parts; empty: nothing
  std::vector<std::string> left_out;  // what of the folder, a sentence each
  // What is known of each picture: of those for training, then of those for testing.
  std::vector<MetadataColumn> metadata = {};
};

// Finds the pictures of a folder by their file names. They stand directly in it (no labels), in one
// sub-folder for each class, or one level deeper. If the folder has sub-folders train and test, in
// any case, only these count; both have this form and the same classes. Without a test, val, valid
// or validation is the test part. Nothing if there are no pictures.
Expected<std::optional<PictureFolder>> find_pictures(const std::filesystem::path& folder);

// What these pictures become (engine/data/picture_format.cpp). folder: where they lie.
Expected<RawData> raw_data_from(const PictureFolder& found, const std::string& folder,
                                const DataRequest& request, const Progress& progress);

}  // namespace zscape
