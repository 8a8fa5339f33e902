#include "child_input.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_archive(FuzzBytes bytes) {
  static const FuzzFolder folder;
  return is_read_or_refused(folder.put("file.zip", bytes));
}

}  // namespace

FuzzTarget archive_target() {
  return {.name = "archive", .formats = {"a zip or tar archive"}, .run = read_archive};
}

}  // namespace zscape
