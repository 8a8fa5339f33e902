#include "child_input.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_mat(FuzzBytes bytes) {
  static const FuzzFolder folder;
  return is_read_or_refused(folder.put("file.mat", bytes));
}

}  // namespace

FuzzTarget mat_target() {
  return {.name = "mat", .formats = {"a MAT file"}, .run = read_mat};
}

}  // namespace zscape
