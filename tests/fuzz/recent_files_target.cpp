#include "app/files/recent_files.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_recent_files(FuzzBytes bytes) {
  static const FuzzFolder folder;
  RecentFiles list(folder.put("recent.json", bytes));
  const bool took = !list.files().empty();
  list.add("a");
  demand(list.files().size() <= 8, "the list is short");
  return took;
}

}  // namespace

FuzzTarget recent_files_target() {
  return {.name = "recent_files", .run = read_recent_files};
}

}  // namespace zscape
