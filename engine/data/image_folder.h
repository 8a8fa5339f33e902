#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// The pictures of a folder, sorted by their paths, so that a class's lie together.
struct PictureList {
  std::vector<std::string> paths;
  std::vector<std::int32_t> labels;      // [paths]; empty: no labels
  std::vector<std::string> class_names;  // the sub-folders' names, sorted; empty: no labels
};

// The pictures of a folder of either form: one set, or a training and a test set of the same
// classes.
struct PictureFolder {
  PictureList train;  // of one set: all of it
  PictureList test;
  bool one_set = false;
};

// Finds the pictures of a folder, told by their names' endings (engine/data/picture_file.h); hidden
// files and folders are passed over. They lie directly in it (no labels), or in one sub-folder a
// class; or the folder has sub-folders train and test, each of this form and with the same classes,
// and whatever else is there does not count. Nothing where there are none.
Expected<std::optional<PictureFolder>> find_pictures(const std::filesystem::path& folder);

// Decodes them, on several threads, to `size`; without one to the size that all have, where that is
// one and at most 64 a side, else to 28×28. Grey where every file is grey, else RGB. Of one set one
// picture in seven is for testing (engine/data/split_rows.h), and pictures are mixed; of two, each
// keeps the order of the list. A labels.txt renames the classes, in their order. Name and source
// are left to the caller.
Expected<Dataset> load_pictures(const PictureFolder& pictures, const std::filesystem::path& folder,
                                const std::optional<ImageSize>& size, const Progress& progress);

}  // namespace zscape
