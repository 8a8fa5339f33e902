#include <variant>

#include "engine/data/load.h"
#include "engine/data/npy.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_npy(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const std::string path = folder.put("array.npy", bytes);
  const bool is_data = load_dataset({path, {}}).has_value();
  auto file = NpyFile::open(path);
  if (!file) return false;
  (void)file->type_name();
  if (file->type() == ElementType::other) return is_data;
  const auto values = file->read_rows(0, file->rows());
  demand(values && std::visit([](const auto& all) { return all.size(); }, *values) ==
                       static_cast<std::size_t>(file->rows()) * file->row_size(),
         "a file that was opened has all its numbers");
  return is_data;
}

}  // namespace

FuzzTarget npy_target() {
  return {.name = "npy", .formats = {"an .npy file"}, .run = read_npy};
}

}  // namespace zscape
