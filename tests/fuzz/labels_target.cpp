#include "engine/data/names.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_labels(FuzzBytes bytes) {
  static const FuzzFolder folder;
  folder.put("labels.txt", bytes);
  const auto names = class_names(2, {}, folder.path());
  if (!names) return false;
  demand(names->size() >= 3, "each class has a name");
  return true;
}

}  // namespace

FuzzTarget labels_target() {
  return {.name = "labels", .run = read_labels};
}

}  // namespace zscape
