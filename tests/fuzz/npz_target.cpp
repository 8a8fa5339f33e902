#include "engine/data/load.h"
#include "engine/data/zip.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_npz(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const std::string path = folder.put("arrays.npz", bytes);
  const bool is_data = load_dataset({path, {}}).has_value();
  (void)load_dataset({path + ":a", {}});
  const auto entries = read_zip_directory(path);
  if (!entries) return false;
  for (const ZipEntry& entry : *entries) {
    auto source = open_zip_entry(path, entry, entry.name);
    if (!source) continue;
    std::vector<std::byte> contents(std::min<std::uint64_t>(entry.size, 1U << 20U));
    const auto got = (*source)->read(contents);
    demand(!got || *got == contents.size(), "an entry has what it promises, or is refused");
  }
  return is_data;
}

}  // namespace

FuzzTarget npz_target() {
  return {.name = "npz", .formats = {"an .npz file"}, .run = read_npz};
}

}  // namespace zscape
