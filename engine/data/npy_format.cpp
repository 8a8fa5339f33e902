#include <optional>
#include <string>
#include <utility>

#include "engine/data/array_folder.h"
#include "engine/data/array_set.h"
#include "engine/data/npy.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr PartFileNames kNames = {.train = {"train-images.npy", "train-labels.npy"},
                                  .test = {"test-images.npy", "test-labels.npy"}};
constexpr const char* kImages = "images.npy";  // a single part, which zscape splits
constexpr const char* kLabels = "labels.npy";

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
                return is_one_of(kNames, file) || file == kImages || file == kLabels;
              },
          .open = [](const DataRequest& request, const Progress&) -> Expected<RawData> {
            if (has_inputs(request.source, kNames)) {
              const auto parts = find_parts(request.source, kNames);
              if (!parts) return tl::unexpected(parts.error());
              return open_files(parts->train, parts->test, request.source, request.sequence);
            }
            return open_files({*find_file(request.source, kImages),
                               find_file(request.source, kLabels).value_or("")},
                              {}, request.source, request.sequence);
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
            return open_files({file, labels.value_or("")}, {},
                              labels ? path.parent_path().string() : "", request.sequence);
          }};
}

}  // namespace zscape
