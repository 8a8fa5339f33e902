#include "app/cli/outputs.h"

#include <filesystem>
#include <system_error>

#include "engine/data/formats.h"
#include "engine/text.h"

namespace zscape {

Outcome<void> check_replaces_nothing(const Output& output, const CommandInputs& inputs) {
  std::error_code error;
  if (output.path.empty() || !std::filesystem::is_regular_file(output.path, error)) return {};
  for (const auto& [path, what] : inputs.files) {
    if (path.empty() || !std::filesystem::equivalent(path, output.path, error)) continue;
    return failed(tr("{}: {} is {} that this command reads, and would be lost; name another file",
                     output.option, output.path, what));
  }
  if (is_read_from(inputs.data, output.path)) {
    return failed(
        tr("{}: {} belongs to the data that this command reads, and would be lost; name "
           "another file",
           output.option, output.path));
  }
  const FileType there = file_type(output.path);
  if (there == FileType::none || there == output.type) return {};
  return failed(
      tr("{}: {} is {}, and {} would take its place; name another file, or remove that one first",
         output.option, output.path, name_of(there), name_of(output.type)));
}

}  // namespace zscape
