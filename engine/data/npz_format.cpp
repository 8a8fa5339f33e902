#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "engine/data/array_set.h"
#include "engine/data/npy.h"
#include "engine/data/npz.h"
#include "engine/data/zip.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::string_view kEnding = ".npy";
constexpr std::uint64_t kLikelyCompression = 16;

}  // namespace

// Other zip archives may hold folders of NPY files, or anything else.
bool is_npz(const std::string& path) {
  return path.ends_with(".npz") && looks_like_zip(path);
}

Expected<ArraySet> open_npz_arrays(const std::string& path, const std::string& key) {
  const auto entries = read_zip_directory(path);
  if (!entries) return tl::unexpected(entries.error());
  ArraySet set;
  set.path = path;
  for (const ZipEntry& entry : *entries) {
    if (!entry.name.ends_with(kEnding)) {
      set.left_out.push_back(tr("{}: not an NPY file", entry.name));
      continue;
    }
    const std::string name = entry.name.substr(0, entry.name.size() - kEnding.size());
    const std::string where = path + ":" + name;
    auto source = open_zip_entry(path, entry, where);
    if (!source) return tl::unexpected(source.error());
    auto file = NpyFile::open(*std::move(source), where);
    if (!file) {
      if (name == key) return tl::unexpected(file.error());
      set.left_out.push_back(file.error().message);
      continue;
    }
    NamedArray array = array_of(*std::move(file), name);
    // A header may claim more than the data turn out to be.
    array.likely_values =
        static_cast<std::size_t>(std::min(entry.size, kLikelyCompression * entry.held) /
                                 std::max<std::size_t>(size_of(array.type), 1));
    set.arrays.push_back(std::move(array));
  }
  if (set.arrays.empty() && !set.left_out.empty()) {
    return fail(tr("'{}' holds no array that zscape reads: {}", path, set.left_out.front()));
  }
  return set;
}

DataFormat npz_format() {
  return {.source = tr("an .npz file"),
          .contents = tr("arrays of inputs and labels, found by their names (x_train, images, "
                         "arr_0, labels …); FILE.npz:KEY names the inputs"),
          .endings = {".npz"},
          .reads_sequences = true,
          .can_open = [](const std::string& source) { return is_npz(split_key(source).first); },
          .open =
              [](const DataRequest& request, const Progress&) {
                const auto [path, key] = split_key(request.source);
                return open_npz_arrays(path, key).and_then([&](ArraySet set) {
                  set.sequences = request.sequence;
                  return raw_data_from(std::move(set), key);
                });
              }};
}

}  // namespace zscape
