#include "child_input.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_webp(FuzzBytes bytes) {
  static const FuzzFolder folder;
  return is_decoded_or_refused(folder.put("picture.webp", bytes));
}

}  // namespace

FuzzTarget webp_target() {
  return {.name = "webp", .formats = {}, .run = read_webp};
}

}  // namespace zscape
