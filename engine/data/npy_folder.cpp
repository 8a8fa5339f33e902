#include "engine/data/npy_folder.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/labels.h"
#include "engine/data/npy.h"
#include "engine/data/part_progress.h"
#include "engine/data/scaling.h"
#include "engine/data/split_rows.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr const char* kImages = "images.npy";
constexpr const char* kLabels = "labels.npy";
constexpr const char* kTrainImages = "train-images.npy";
constexpr const char* kTrainLabels = "train-labels.npy";
constexpr const char* kTestImages = "test-images.npy";
constexpr const char* kTestLabels = "test-labels.npy";

constexpr std::size_t kMostValues = std::size_t{1} << 24U;  // of one input
constexpr float kLargestNumber = 1e30F;  // squares and differences stay finite in float32

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::string shape_text(const NpyFile& file) {
  return fmt::format("[{}]", fmt::join(file.shape(), ", "));
}

Expected<ImageShape> shape_of_vectors(std::int64_t inputs, const std::optional<ImageSize>& size,
                                      const NpyFile& file) {
  if (!size) return ImageShape{1, static_cast<int>(inputs), 1};
  if (inputs != std::int64_t{size->height} * size->width) {
    return fail(fmt::format(
        "'{}' holds vectors of {} numbers, which are no images of {}x{}; that "
        "size needs {}",
        file.path(), inputs, size->height, size->width, std::int64_t{size->height} * size->width));
  }
  return ImageShape{size->height, size->width, 1};
}

Expected<ImageShape> input_shape(const NpyFile& file, const std::optional<ImageSize>& size) {
  const auto& dims = file.shape();
  const std::int64_t channels = dims.size() == 4 ? dims[3] : 1;
  if (dims.size() == 4 && channels != 1 && channels != 3 && (dims[1] == 1 || dims[1] == 3)) {
    return fail(
        fmt::format("'{}' is an array {}; zscape wants the channels last, as "
                    "numpy.moveaxis(images, 1, -1) puts them",
                    file.path(), shape_text(file)));
  }
  if (dims.size() < 2 || dims.size() > 4 || (channels != 0 && channels != 1 && channels != 3)) {
    return fail(
        fmt::format("'{}' is an array {}; zscape reads [count, inputs], [count, height, "
                    "width] and [count, height, width, channels] with 1 or 3 channels",
                    file.path(), shape_text(file)));
  }
  if (file.rows() == 0 || file.row_size() == 0) {
    return fail(
        fmt::format("'{}' is an array {}: it holds no numbers", file.path(), shape_text(file)));
  }
  if (file.row_size() > kMostValues) {
    return fail(fmt::format("'{}' is an array {}; zscape takes up to {} numbers for one input",
                            file.path(), shape_text(file), kMostValues));
  }
  if (dims.size() == 2) return shape_of_vectors(dims[1], size, file);
  if (size && (size->height != dims[1] || size->width != dims[2])) {
    return fail(
        fmt::format("'{}' holds images of {}x{}, not of {}x{}; only pictures in a folder "
                    "are resized",
                    file.path(), dims[1], dims[2], size->height, size->width));
  }
  return ImageShape{static_cast<int>(dims[1]), static_cast<int>(dims[2]),
                    static_cast<int>(channels)};
}

// Opens a file of inputs of a type that zscape reads.
Expected<NpyFile> open_inputs(const fs::path& path) {
  auto file = NpyFile::open(path.string());
  if (file && !file->holds_bytes() && !file->holds_floats()) {
    return fail(
        fmt::format("'{}' holds numbers of the type {}; zscape reads uint8, float32 and "
                    "float64 inputs (numpy's astype converts)",
                    path.string(), file->type_name()));
  }
  return file;
}

// Refuses what no network can learn from, in the order of the file.
Expected<void> check_numbers(std::span<float* const> rows, const NpyFile& file) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (const float value : std::span(rows[row], file.row_size())) {
      if (std::abs(value) <= kLargestNumber) continue;
      std::string what =
          fmt::format("the number {:g}, which is beyond ±{:g}", value, kLargestNumber);
      if (std::isnan(value)) what = "NaN (not a number)";
      if (std::isinf(value)) what = "an infinite value, or one beyond float32";
      return fail(
          fmt::format("'{}' has {} in row {} (counted from 0); inputs must be finite "
                      "numbers",
                      file.path(), what, row));
    }
  }
  return {};
}

// Reads the rows of one file into the splits that they belong to.
Expected<void> read_inputs(NpyFile& file, const RowSplit& rows, Dataset& data,
                           const Progress& progress) {
  if (file.holds_bytes()) {
    // One split at a time may be filled: the other's vector is kept.
    std::vector<std::uint8_t> train;
    std::vector<std::uint8_t> test;
    const auto places = row_places(rows, file.row_size(), train, test);
    if (auto done = file.read_bytes(places, progress); !done) return done;
    if (!rows.train.empty()) data.train.pixels = std::move(train);
    if (!rows.test.empty()) data.test.pixels = std::move(test);
  } else {
    std::vector<float> train;
    std::vector<float> test;
    const auto places = row_places(rows, file.row_size(), train, test);
    if (auto done = file.read_floats(places, progress); !done) return done;
    if (auto fine = check_numbers(places, file); !fine) return fine;
    if (!rows.train.empty()) data.train.values = std::move(train);
    if (!rows.test.empty()) data.test.values = std::move(test);
  }
  if (!rows.train.empty()) data.train.count = static_cast<std::int64_t>(rows.train.size());
  if (!rows.test.empty()) data.test.count = static_cast<std::int64_t>(rows.test.size());
  return {};
}

Expected<std::vector<std::int64_t>> read_labels(const fs::path& path, const NpyFile& images) {
  auto file = NpyFile::open(path.string());
  if (!file) return tl::unexpected(file.error());
  if (!file->holds_integers()) {
    return fail(
        fmt::format("'{}' holds numbers of the type {}; labels are whole numbers (numpy's "
                    "astype converts)",
                    path.string(), file->type_name()));
  }
  if (file->shape().size() != 1) {
    return fail(fmt::format("'{}' is an array {}; labels need one dimension, [count]",
                            path.string(), shape_text(*file)));
  }
  if (file->rows() != images.rows()) {
    return fail(
        fmt::format("'{}' holds {} labels for the {} inputs of '{}'; there must be one each",
                    path.string(), file->rows(), images.rows(), images.path()));
  }
  auto labels = file->read_integers();
  if (!labels) return labels;
  for (std::size_t row = 0; row < labels->size(); ++row) {
    const std::int64_t label = (*labels)[row];
    if (label >= 0 && label <= kLargestLabel) continue;
    return fail(fmt::format("'{}' has the label {} in row {} (counted from 0); labels are 0 to {}",
                            path.string(), label, row, kLargestLabel));
  }
  return labels;
}

void place_labels(const std::vector<std::int64_t>& labels, const RowSplit& rows, Dataset& data) {
  const auto fill = [&](const std::vector<std::int64_t>& which, Split& split) {
    for (const std::int64_t row : which) {
      split.labels.push_back(static_cast<std::int32_t>(labels[static_cast<std::size_t>(row)]));
    }
  };
  fill(rows.train, data.train);
  fill(rows.test, data.test);
}

// Reads one file of inputs, and one of labels where it has a name, into the splits by rows.
Expected<void> read_part(NpyFile& images, const fs::path& labels, const RowSplit& rows,
                         Dataset& data, const Progress& progress) {
  if (!labels.empty()) {
    const auto read = read_labels(labels, images);
    if (!read) return tl::unexpected(read.error());
    place_labels(*read, rows, data);
  }
  return read_inputs(images, rows, data, progress);
}

Expected<Dataset> load_single(const fs::path& images, const fs::path& labels,
                              const std::optional<ImageSize>& size, const Progress& progress) {
  auto file = open_inputs(images);
  if (!file) return tl::unexpected(file.error());
  const auto shape = input_shape(*file, size);
  if (!shape) return tl::unexpected(shape.error());
  if (file->rows() < 2) {
    return fail(
        fmt::format("'{}' holds a single input; zscape needs one at least for training and "
                    "one for testing",
                    images.string()));
  }
  Dataset data;
  data.shape = *shape;
  if (auto done = read_part(*file, labels, split_rows(file->rows()), data, progress); !done) {
    return tl::unexpected(done.error());
  }
  return data;
}

// Whether both splits hold the same kind of inputs.
Expected<ImageShape> common_shape(const NpyFile& train, const NpyFile& test,
                                  const std::optional<ImageSize>& size) {
  auto train_shape = input_shape(train, size);
  if (!train_shape) return train_shape;
  auto test_shape = input_shape(test, size);
  if (!test_shape) return test_shape;
  if (*train_shape != *test_shape || train.holds_bytes() != test.holds_bytes()) {
    return fail(
        fmt::format("'{}' is an array {} of {}, '{}' {} of {}; both must hold inputs of one "
                    "form, both bytes or both floats",
                    train.path(), shape_text(train), train.type_name(), test.path(),
                    shape_text(test), test.type_name()));
  }
  return train_shape;
}

Expected<Dataset> load_pair(const fs::path& folder, const std::optional<ImageSize>& size,
                            const Progress& progress) {
  for (const char* name : {kTrainImages, kTestImages}) {
    if (!is_file(folder / name)) return fail(fmt::format("'{}' lacks {}", folder.string(), name));
  }
  const bool labelled = is_file(folder / kTrainLabels);
  if (labelled != is_file(folder / kTestLabels)) {
    return fail(fmt::format("'{}' holds {} but lacks {}; it needs both or neither", folder.string(),
                            labelled ? kTrainLabels : kTestLabels,
                            labelled ? kTestLabels : kTrainLabels));
  }
  auto train = open_inputs(folder / kTrainImages);
  if (!train) return tl::unexpected(train.error());
  auto test = open_inputs(folder / kTestImages);
  if (!test) return tl::unexpected(test.error());
  const auto shape = common_shape(*train, *test, size);
  if (!shape) return tl::unexpected(shape.error());

  Dataset data;
  data.shape = *shape;
  const auto labels = [&](const char* name) { return labelled ? folder / name : fs::path(); };
  const double border = static_cast<double>(train->rows()) /
                        (static_cast<double>(train->rows()) + static_cast<double>(test->rows()));
  if (auto done =
          read_part(*train, labels(kTrainLabels), whole_rows(train->rows(), SplitName::train), data,
                    part_of(progress, 0, border));
      !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = read_part(*test, labels(kTestLabels), whole_rows(test->rows(), SplitName::test),
                            data, part_of(progress, border, 1));
      !done) {
    return tl::unexpected(done.error());
  }
  return data;
}

}  // namespace

bool has_npy_files(const fs::path& folder) {
  return is_file(folder / kImages) || is_file(folder / kTrainImages) ||
         is_file(folder / kTestImages);
}

Expected<Dataset> load_npy_folder(const fs::path& folder, const std::optional<ImageSize>& size,
                                  const Progress& progress) {
  const bool pair = is_file(folder / kTrainImages) || is_file(folder / kTestImages);
  const fs::path labels = is_file(folder / kLabels) ? folder / kLabels : fs::path();
  auto data = pair ? load_pair(folder, size, progress)
                   : load_single(folder / kImages, labels, size, progress);
  if (!data) return data;
  if (auto named = name_classes(*data, folder); !named) return tl::unexpected(named.error());
  data->scaling = find_scaling(*data);
  return data;
}

Expected<Dataset> load_npy_file(const fs::path& path, const std::optional<ImageSize>& size,
                                const Progress& progress) {
  auto data = load_single(path, {}, size, progress);
  if (data) data->scaling = find_scaling(*data);
  return data;
}

}  // namespace zscape
