#include "engine/data/idx_folder.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/idx.h"
#include "engine/data/labels.h"
#include "engine/data/part_progress.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTrainImages = "train-images-idx3-ubyte";
constexpr const char* kTrainLabels = "train-labels-idx1-ubyte";
constexpr const char* kTestImages = "t10k-images-idx3-ubyte";
constexpr const char* kTestLabels = "t10k-labels-idx1-ubyte";
constexpr std::int64_t kMostValues = 1 << 24;  // of one image
constexpr int kMostClasses = 256;              // a label is one byte

std::optional<fs::path> find_file(const fs::path& folder, const std::string& name) {
  for (const char* ending : {"", ".gz"}) {
    fs::path path = folder / (name + ending);
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) return path;
  }
  return std::nullopt;
}

std::string dims_text(const std::vector<std::int64_t>& dims) {
  return fmt::format("[{}]", fmt::join(dims, ", "));
}

Expected<ImageShape> image_shape(const IdxArray& images, const std::string& path) {
  const auto& dims = images.dims;
  const std::int64_t channels = dims.size() == 4 ? dims[3] : 1;
  if (dims.size() < 3 || (channels != 1 && channels != 3)) {
    return fail(
        fmt::format("'{}' has the dimensions {}; images need [count, height, width] or [count, "
                    "height, width, 3]",
                    path, dims_text(dims)));
  }
  if (dims[0] == 0 || dims[1] == 0 || dims[2] == 0) {
    return fail(
        fmt::format("'{}' has the dimensions {}: it holds no pixels", path, dims_text(dims)));
  }
  if (dims[1] > kMostValues || dims[2] > kMostValues / (dims[1] * channels)) {
    return fail(fmt::format("'{}' has images of {} × {} pixels; zscape takes up to {} values each",
                            path, dims[1], dims[2], kMostValues));
  }
  return ImageShape{static_cast<int>(dims[1]), static_cast<int>(dims[2]),
                    static_cast<int>(channels)};
}

// Where the files of one split lie.
struct SplitFiles {
  std::string images;
  std::string labels;  // empty: none
};

struct LoadedSplit {
  Split split;
  ImageShape shape;
};

Expected<LoadedSplit> load_split(const SplitFiles& files, const Progress& progress) {
  auto images = read_idx(files.images, progress);
  if (!images) return tl::unexpected(images.error());
  const auto shape = image_shape(*images, files.images);
  if (!shape) return tl::unexpected(shape.error());

  LoadedSplit loaded;
  loaded.shape = *shape;
  loaded.split.count = images->dims[0];
  loaded.split.pixels = std::move(images->values);
  if (files.labels.empty()) return loaded;

  const auto labels = read_idx(files.labels);
  if (!labels) return tl::unexpected(labels.error());
  if (labels->dims.size() != 1) {
    return fail(fmt::format("'{}' has the dimensions {}; labels need one, [count]", files.labels,
                            dims_text(labels->dims)));
  }
  if (labels->dims[0] != loaded.split.count) {
    return fail(
        fmt::format("'{}' holds {} labels for the {} images of '{}'; there must be one each",
                    files.labels, labels->dims[0], loaded.split.count, files.images));
  }
  loaded.split.labels.assign(labels->values.begin(), labels->values.end());
  return loaded;
}

}  // namespace

bool has_idx_files(const fs::path& folder) {
  return find_file(folder, kTrainImages) || find_file(folder, kTestImages);
}

bool has_all_idx_files(const fs::path& folder) {
  return find_file(folder, kTrainImages) && find_file(folder, kTestImages) &&
         find_file(folder, kTrainLabels) && find_file(folder, kTestLabels);
}

Expected<Dataset> load_idx_folder(const fs::path& folder, const Progress& progress) {
  const auto train_images = find_file(folder, kTrainImages);
  const auto test_images = find_file(folder, kTestImages);
  if (!train_images || !test_images) {
    return fail(fmt::format("'{}' lacks {} (plain or .gz)", folder.string(),
                            train_images ? kTestImages : kTrainImages));
  }
  const auto train_labels = find_file(folder, kTrainLabels);
  const auto test_labels = find_file(folder, kTestLabels);
  if (train_labels.has_value() != test_labels.has_value()) {
    return fail(fmt::format("'{}' holds {} but lacks {} (plain or .gz); it needs both or neither",
                            folder.string(), train_labels ? kTrainLabels : kTestLabels,
                            train_labels ? kTestLabels : kTrainLabels));
  }

  const auto text = [](const std::optional<fs::path>& path) { return path ? path->string() : ""; };
  // The training split is usually six times as large as the other.
  auto train = load_split({text(train_images), text(train_labels)}, part_of(progress, 0, 0.85));
  if (!train) return tl::unexpected(train.error());
  auto test = load_split({text(test_images), text(test_labels)}, part_of(progress, 0.85, 1));
  if (!test) return tl::unexpected(test.error());
  if (train->shape != test->shape) {
    return fail(fmt::format(
        "'{}' holds images of {} × {} × {}, '{}' of {} × {} × {}; both must be "
        "alike",
        train_images->string(), train->shape.height, train->shape.width, train->shape.channels,
        test_images->string(), test->shape.height, test->shape.width, test->shape.channels));
  }

  Dataset data;
  data.shape = train->shape;
  data.train = std::move(train->split);
  data.test = std::move(test->split);
  if (auto named = name_classes(data, folder); !named) return tl::unexpected(named.error());
  return data;
}

Expected<void> write_idx_dataset(const Dataset& data, const std::string& folder,
                                 const FileWriter& write) {
  if (data.classes() > kMostClasses) {
    return fail(fmt::format("data '{}' has {} classes; IDX files of bytes hold up to {}", data.name,
                            data.classes(), kMostClasses));
  }
  if (!data.train.values.empty() || !data.test.values.empty()) {
    return fail(fmt::format("data '{}' holds floats; the IDX files that zscape writes hold bytes",
                            data.name));
  }
  const auto put = [&](const char* name, const std::vector<std::uint8_t>& bytes) {
    return write((fs::path(folder) / name).string(), std::as_bytes(std::span(bytes)));
  };
  struct Part {
    const Split& split;
    const char* images;
    const char* labels;
  };
  for (const Part& part :
       {Part{data.train, kTrainImages, kTrainLabels}, Part{data.test, kTestImages, kTestLabels}}) {
    if (auto done = put(part.images, idx_images_bytes(part.split, data.shape)); !done) return done;
    if (part.split.labels.empty()) continue;
    if (auto done = put(part.labels, idx_labels_bytes(part.split)); !done) return done;
  }
  return {};
}

}  // namespace zscape
