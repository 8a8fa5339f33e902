#include "engine/data/load.h"
#include "engine/data/npy.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

template <class Values>
void demand_all(const NpyFile& file, const Expected<Values>& values) {
  demand(values && values->size() == static_cast<std::size_t>(file.rows()) * file.row_size(),
         "a file that was opened has all its numbers");
}

bool read_npy(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const std::string path = folder.put("array.npy", bytes);
  const bool is_data = load_dataset({path, {}}).has_value();
  auto file = NpyFile::open(path);
  if (!file) return false;
  (void)file->type_name();
  if (file->holds_floats()) {
    demand_all(*file, file->read_floats());
  } else if (file->holds_bytes() && bytes.size() % 2 == 0) {
    demand_all(*file, file->read_bytes());
  } else if (file->holds_integers()) {
    demand_all(*file, file->read_integers());
  }
  return is_data;
}

}  // namespace

FuzzTarget npy_target() {
  return {.name = "npy", .formats = {"an .npy file"}, .run = read_npy};
}

}  // namespace zscape
