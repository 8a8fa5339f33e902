#include "engine/data/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/idx.h"
#include "engine/data/synthetic.h"

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

std::vector<std::string> class_names(const Split& train, const Split& test) {
  std::int32_t largest = -1;
  for (const Split* split : {&train, &test}) {
    for (const std::int32_t label : split->labels) largest = std::max(largest, label);
  }
  std::vector<std::string> names;
  for (std::int32_t label = 0; label <= largest; ++label) names.push_back(std::to_string(label));
  return names;
}

Expected<Dataset> load_idx_folder(const fs::path& folder, const Progress& progress) {
  const auto train_images = find_file(folder, kTrainImages);
  const auto test_images = find_file(folder, kTestImages);
  if (!train_images && !test_images) {
    return fail(
        fmt::format("'{}' holds no data set: it needs {}, {} and, where there are labels, {} and "
                    "{} (plain or .gz)",
                    folder.string(), kTrainImages, kTestImages, kTrainLabels, kTestLabels));
  }
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
  const auto part = [&](double from, double to) -> Progress {
    return [&progress, from, to](double fraction) {
      return report(progress, from + (to - from) * fraction);
    };
  };
  // The training split is usually six times as large as the other.
  auto train = load_split({text(train_images), text(train_labels)}, part(0, 0.85));
  if (!train) return tl::unexpected(train.error());
  auto test = load_split({text(test_images), text(test_labels)}, part(0.85, 1));
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
  data.class_names = class_names(data.train, data.test);
  return data;
}

Expected<std::shared_ptr<const Dataset>> shared(Expected<Dataset> data) {
  if (!data) return tl::unexpected(std::move(data.error()));
  return std::make_shared<const Dataset>(std::move(*data));
}

}  // namespace

Expected<std::shared_ptr<const Dataset>> load_dataset(const std::string& source,
                                                      const Progress& progress) {
  if (source == "synthetic") {
    return shared(
        make_synthetic(kSyntheticTrainCount, kSyntheticTestCount, kSyntheticSeed, progress));
  }
  std::error_code problem;
  const fs::file_status status = fs::status(source, problem);
  if (!fs::exists(status)) {
    return fail(fmt::format(
        "data '{}' {}; give 'synthetic' or a folder with {} and its companions", source,
        status.type() == fs::file_type::not_found ? "does not exist"
                                                  : "cannot be read: " + problem.message(),
        kTrainImages));
  }
  if (!fs::is_directory(status)) {
    return fail(
        fmt::format("data '{}' is a file; give 'synthetic' or the folder that holds {} and "
                    "its companions",
                    source, kTrainImages));
  }
  auto data = load_idx_folder(source, progress);
  if (data) {
    fs::path folder = fs::canonical(source, problem);
    if (problem) folder = fs::path(source);
    data->name = folder.has_filename() ? folder.filename().string() : folder.string();
    data->source = folder.string();
  }
  return shared(std::move(data));
}

Expected<void> write_idx_dataset(const Dataset& data, const std::string& folder,
                                 const FileWriter& write) {
  if (data.classes() > kMostClasses) {
    return fail(fmt::format("data '{}' has {} classes; IDX files of bytes hold up to {}", data.name,
                            data.classes(), kMostClasses));
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
