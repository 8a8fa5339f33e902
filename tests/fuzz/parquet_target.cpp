#include "child_input.h"
#include "targets.h"

namespace zscape {
namespace {

// Its reader is an optional part: without it what counts is that whole files are refused in a line
// that says so, and all others, too.
bool read_parquet(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const std::string path = folder.put("file.parquet", bytes);
  if (is_read_or_refused(path)) return true;
  const auto data = load_dataset({path, {}});
  return !data && data.error().message.find("./dev with parquet") != std::string::npos &&
         text_of(bytes).ends_with("PAR1");
}

}  // namespace

FuzzTarget parquet_target() {
  return {.name = "parquet", .formats = {"a Parquet file"}, .run = read_parquet};
}

}  // namespace zscape
