#include <memory>
#include <string>
#include <utility>

#include "engine/data/array_folder.h"
#include "engine/data/npy.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr PartFileNames kNames = {.train = {"train-images.npy", "train-labels.npy"},
                                  .test = {"test-images.npy", "test-labels.npy"}};
constexpr const char* kImages = "images.npy";  // a single part, which zscape splits
constexpr const char* kLabels = "labels.npy";

Expected<std::vector<std::int64_t>> read_labels(const std::string& path) {
  auto file = NpyFile::open(path);
  if (!file) return tl::unexpected(file.error());
  if (!file->holds_integers()) {
    return fail(
        tr("'{}' holds numbers of the type {}; labels are whole numbers (numpy's astype converts)",
           path, file->type_name()));
  }
  if (auto fine = check_label_dims(file->shape(), path); !fine) {
    return tl::unexpected(fine.error());
  }
  return file->read_integers();
}

// The offset of a data set, which the part that is read first chooses.
struct Offset {
  std::vector<double> values;
  bool is_chosen = false;
};
using OffsetPtr = std::shared_ptr<Offset>;

Expected<RawInputs> read_inputs(NpyFile& file, Offset& offset, const Progress& progress) {
  if (file.holds_bytes()) {
    auto bytes = file.read_bytes(progress);
    if (!bytes) return tl::unexpected(bytes.error());
    return std::move(*bytes);
  }
  auto floats = file.read_floats(offset.values, !std::exchange(offset.is_chosen, true), progress);
  if (!floats) return tl::unexpected(floats.error());
  return std::move(*floats);
}

Expected<RawPart> open_part(const PartFiles& files, const OffsetPtr& offset) {
  auto file = NpyFile::open(files.inputs);
  if (!file) return tl::unexpected(file.error());
  if (!file->holds_bytes() && !file->holds_floats()) {
    return fail(
        tr("'{}' holds numbers of the type {}; zscape reads uint8, float32 and float64 inputs "
           "(numpy's astype converts)",
           files.inputs, file->type_name()));
  }
  const auto shape = shape_of_inputs(file->shape(), files.inputs);
  if (!shape) return tl::unexpected(shape.error());

  RawPart part;
  part.path = files.inputs;
  part.count = file->rows();
  part.shape = *shape;
  part.is_float = file->holds_floats();
  part.read = [opened = std::make_shared<NpyFile>(std::move(*file)), offset](
                  const Progress& progress) { return read_inputs(*opened, *offset, progress); };
  if (files.labels.empty()) return part;
  auto labels = read_labels(files.labels);
  if (!labels) return tl::unexpected(labels.error());
  part.labels_path = files.labels;
  part.labels = std::move(*labels);
  return part;
}

Expected<RawData> open_one_part(const PartFiles& files, const std::string& folder) {
  const auto offset = std::make_shared<Offset>();
  auto part = open_part(files, offset);
  if (!part) return tl::unexpected(part.error());
  RawData data;
  data.train = std::move(*part);
  data.offset = {offset, &offset->values};
  data.class_names_folder = folder;
  return data;
}

}  // namespace

DataFormat npy_folder_format() {
  return {.source = tr("a folder of NPY files"),
          .contents = tr("images.npy, or train-images.npy and test-images.npy, with labels.npy, or "
                         "train-labels.npy and test-labels.npy, where there are labels; arrays "
                         "[N,D], [N,H,W] or [N,H,W,C] of uint8, float32 or float64"),
          .can_open =
              [](const std::string& source) {
                return has_inputs(source, kNames) || find_file(source, kImages).has_value();
              },
          .open = [](const DataRequest& request, const Progress&) -> Expected<RawData> {
            if (has_inputs(request.source, kNames)) {
              const auto offset = std::make_shared<Offset>();
              auto data = open_parts(request.source, kNames, [&](const PartFiles& files) {
                return open_part(files, offset);
              });
              if (data) data->offset = {offset, &offset->values};
              return data;
            }
            return open_one_part({*find_file(request.source, kImages),
                                  find_file(request.source, kLabels).value_or("")},
                                 request.source);
          }};
}

DataFormat npy_file_format() {
  return {.source = tr("an .npy file"),
          .contents = tr("one array of inputs; labels.npy beside images.npy is taken too"),
          .endings = {".npy"},
          .can_open = [](const std::string& source) { return looks_like_npy(source); },
          .open =
              [](const DataRequest& request, const Progress&) {
                const std::filesystem::path path = request.source;
                const bool has_name = path.filename() == kImages;
                const auto labels =
                    has_name ? find_file(path.parent_path(), kLabels) : std::nullopt;
                return open_one_part({request.source, labels.value_or("")},
                                     labels ? path.parent_path().string() : "");
              }};
}

}  // namespace zscape
