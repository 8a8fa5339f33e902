#include "engine/data/load.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

// The library reads it in a child process, where libFuzzer sees nothing: what is tried here is that
// no answer of the child harms its parent.
bool read_mat(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const auto data = load_dataset({folder.put("file.mat", bytes), {}});
  demand(data || (!data.error().message.empty() &&
                  data.error().message.find('\n') == std::string::npos),
         "a refusal is one line");
  return data.has_value();
}

}  // namespace

FuzzTarget mat_target() {
  return {.name = "mat", .formats = {"a MAT file"}, .run = read_mat};
}

}  // namespace zscape
