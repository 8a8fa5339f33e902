#include "engine/data/load.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

// Parts: inputs, labels, labels.txt.
bool read_npy_folder(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const auto parts = parts_of(bytes, 3);
  folder.put_or_remove("images.npy", parts[0]);
  folder.put_or_remove("labels.npy", parts[1]);
  folder.put_or_remove("labels.txt", parts[2]);
  const auto data = load_dataset({folder.path(), {}});
  if (!data) return false;
  const auto fits = [&](const Split& split) {
    return split.labels.empty() || static_cast<std::int64_t>(split.labels.size()) == split.count;
  };
  demand(fits((*data)->train) && fits((*data)->test), "each input has its label");
  return true;
}

}  // namespace

FuzzTarget npy_folder_target() {
  return {.name = "npy_folder", .formats = {"a folder of NPY files"}, .run = read_npy_folder};
}

}  // namespace zscape
