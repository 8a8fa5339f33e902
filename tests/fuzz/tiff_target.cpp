#include "child_input.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_tiff(FuzzBytes bytes) {
  static const FuzzFolder folder;
  return is_decoded_or_refused(folder.put("picture.tif", bytes));
}

}  // namespace

FuzzTarget tiff_target() {
  return {.name = "tiff", .formats = {}, .run = read_tiff};
}

}  // namespace zscape
