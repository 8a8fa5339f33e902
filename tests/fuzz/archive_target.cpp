#include "engine/data/load.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

// The library reads it in a child process, where libFuzzer sees nothing: what is tried here is that
// no answer of the child harms its parent.
bool read_archive(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const auto data = load_dataset({folder.put("file.zip", bytes), {}});
  demand(data || (!data.error().message.empty() &&
                  data.error().message.find('\n') == std::string::npos),
         "a refusal is one line");
  return data.has_value();
}

}  // namespace

FuzzTarget archive_target() {
  return {.name = "archive", .formats = {"a zip or tar archive"}, .run = read_archive};
}

}  // namespace zscape
