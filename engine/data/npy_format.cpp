#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/array_folder.h"
#include "engine/data/array_set.h"
#include "engine/data/metadata.h"
#include "engine/data/npy.h"
#include "engine/data/side_table.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr PartFileNames kNames = {.train = {"train-images.npy", "train-labels.npy"},
                                  .test = {"test-images.npy", "test-labels.npy"}};
constexpr const char* kImages = "images.npy";  // a single part, which zscape splits
constexpr const char* kLabels = "labels.npy";
const std::vector<std::string> kTables = {kSideTable, "images"};

Expected<NamedArray> open_array(const std::string& path) {
  return NpyFile::open(path).map([](NpyFile file) { return array_of(std::move(file), ""); });
}

// Files of a part that is there.
Expected<RawData> open_files(const PartFiles& train, const PartFiles& test,
                             const std::string& folder, bool sequences) {
  auto arrays = open_arrays(train, test, open_array);
  if (!arrays) return tl::unexpected(arrays.error());
  arrays->sequences = sequences;
  auto data = raw_data_from(*std::move(arrays));
  if (data) data->class_names_folder = folder;
  return data;
}

// With what a table says of each input: those for training, then those for testing.
Expected<RawData> with_table(Expected<RawData> data, const std::optional<SideTableFile>& table) {
  if (!data || !table) return data;
  const std::int64_t steps = std::max<std::int64_t>(data->train.steps, 1);  // of a row
  const std::int64_t of_train = data->train.count / steps;
  const std::int64_t of_test = data->test ? data->test->count / steps : 0;
  auto read = read_side_table(*table, of_train + of_test, {});
  if (!read) return tl::unexpected(read.error());
  for (const auto& [part, first] : {std::pair{&data->train, std::int64_t{0}},
                                    std::pair{data->test ? &*data->test : nullptr, of_train}}) {
    if (part == nullptr) continue;
    std::vector<std::int64_t> rows;
    for (std::int64_t i = 0; i < part->count; ++i) rows.push_back(first + i / steps);
    for (const MetadataColumn& column : read->columns) {
      part->metadata.push_back(rows_of(column, rows));
    }
  }
  data->assumed.insert(data->assumed.end(), read->assumed.begin(), read->assumed.end());
  data->left_out.insert(data->left_out.end(), read->left_out.begin(), read->left_out.end());
  return data;
}

}  // namespace

DataFormat npy_folder_format() {
  return {.source = tr("a folder of NPY files"),
          .contents = tr("images.npy, or train-images.npy and test-images.npy, with labels.npy, or "
                         "train-labels.npy and test-labels.npy, where there are labels; arrays "
                         "[N,D], [N,H,W], [N,H,W,C] or [N,C,H,W] of any numbers"),
          .reads_sequences = true,
          .can_open =
              [](const std::string& source) {
                return has_inputs(source, kNames) || find_file(source, kImages).has_value();
              },
          .reads =
              [](const std::filesystem::path& file) {
                return is_one_of(kNames, file) || file == kImages || file == kLabels ||
                       is_side_table_name(file);
              },
          .open = [](const DataRequest& request, const Progress&) -> Expected<RawData> {
            if (has_inputs(request.source, kNames)) {
              const auto parts = find_parts(request.source, kNames);
              if (!parts) return tl::unexpected(parts.error());
              return with_table(
                  open_files(parts->train, parts->test, request.source, request.sequence),
                  find_side_table(request.source, kTables, true));
            }
            return with_table(open_files({*find_file(request.source, kImages),
                                          find_file(request.source, kLabels).value_or("")},
                                         {}, request.source, request.sequence),
                              find_side_table(request.source, kTables, true));
          }};
}

DataFormat npy_file_format() {
  return {
      .source = tr("an .npy file"),
      .contents = tr("one array of inputs; labels.npy beside images.npy is taken too, and "
                     "FILE.npy:LABELS.npy names another file of labels"),
      .endings = {".npy"},
      .reads_sequences = true,
      .can_open = [](const std::string& source) { return looks_like_npy(split_key(source).first); },
      .reads = [](const std::filesystem::path& file) { return file == kLabels; },
      .open =
          [](const DataRequest& request, const Progress&) {
            const auto [file, named] = split_key(request.source);
            const std::filesystem::path path = file;
            const bool has_name = path.filename() == kImages;
            auto labels = has_name ? find_file(path.parent_path(), kLabels) : std::nullopt;
            if (!named.empty()) labels = (path.parent_path() / named).string();
            auto data = open_files({file, labels.value_or("")}, {},
                                   labels ? path.parent_path().string() : "", request.sequence);
            const std::vector<std::string> own = {path.stem().string()};
            return with_table(std::move(data),
                              find_side_table(path.parent_path(), has_name ? kTables : own, false));
          }};
}

}  // namespace zscape
