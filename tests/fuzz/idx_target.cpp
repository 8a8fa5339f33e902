#include "engine/data/idx.h"
#include "engine/data/load.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

// Parts: images, labels, labels.txt. The test part has the files of the training part.
bool read_idx_folder(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const auto parts = parts_of(bytes, 3);
  for (const char* set : {"train", "t10k"}) {
    folder.put_or_remove(std::string(set) + "-images-idx3-ubyte", parts[0]);
    folder.put_or_remove(std::string(set) + "-labels-idx1-ubyte", parts[1]);
  }
  folder.put_or_remove("labels.txt", parts[2]);
  const std::string file = folder.path() + "/train-images-idx3-ubyte";
  const auto images = read_idx(file);
  const auto by_itself = load_dataset({file, {}});
  const auto data = load_dataset({folder.path(), {}});
  if (!data) return by_itself.has_value();
  demand(!images || images->dims.front() == (*data)->train.count, "each row is an input");
  return true;
}

}  // namespace

FuzzTarget idx_target() {
  return {.name = "idx",
          .formats = {"a folder of IDX files", "an IDX file", "mnist", "fashion-mnist", "kmnist"},
          .run = read_idx_folder};
}

}  // namespace zscape
