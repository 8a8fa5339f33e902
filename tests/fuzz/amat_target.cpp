#include "engine/data/load.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

// Parts: training and test.
bool read_amat(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const auto parts = parts_of(bytes, 2);
  folder.put_or_remove("set_train.amat", parts[0]);
  folder.put_or_remove("set_test.amat", parts[1]);
  (void)load_dataset({folder.path() + "/set_test.amat", {}});
  const auto data = load_dataset({folder.path(), {}});
  if (!data) return false;
  demand((*data)->train.labels.empty() == (*data)->test.labels.empty(), "labels are in both");
  return true;
}

}  // namespace

FuzzTarget amat_target() {
  return {
      .name = "amat", .formats = {"a folder of .amat files", "an .amat file"}, .run = read_amat};
}

}  // namespace zscape
