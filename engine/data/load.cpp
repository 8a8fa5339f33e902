#include "engine/data/load.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <system_error>
#include <utility>

#include "engine/data/array_labels.h"
#include "engine/data/array_set.h"
#include "engine/data/formats.h"
#include "engine/data/label_file.h"
#include "engine/data/left_out.h"
#include "engine/data/mapped_inputs.h"
#include "engine/data/metadata.h"
#include "engine/data/names.h"
#include "engine/data/pixel_map.h"
#include "engine/data/prepare.h"
#include "engine/data_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostPixels = 1 << 24;  // of one input
constexpr float kLargestNumber = 1e30F;        // squares and differences stay finite in float32

// ".npy 20, .txt 1": the endings of a folder's files, the most frequent first; empty: it has none.
std::string endings_in(const fs::path& folder) {
  constexpr std::size_t kMostShown = 4;
  std::map<std::string, int> counts;
  std::error_code problem;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end;
       it.increment(problem)) {
    std::error_code ignored;
    const std::string ending = as_utf8(it->path().extension().string());
    if (!ending.empty() && it->is_regular_file(ignored)) ++counts[ending];
  }
  std::vector<std::pair<int, std::string>> sorted;
  for (const auto& [ending, count] : counts) sorted.emplace_back(-count, ending);
  std::ranges::sort(sorted);
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), kMostShown); ++i) {
    if (i > 0) text += ", ";
    text += fmt::format("{} {}", sorted[i].second, -sorted[i].first);
  }
  return text;
}

// Says why no format can open a source, and what to give instead.
tl::unexpected<Error> no_format(const std::string& source) {
  std::error_code problem;
  const fs::file_status status = fs::status(source, problem);
  if (status.type() == fs::file_type::not_found) {
    return fail(tr("data '{}' does not exist; give {}", source, data_sources_text()));
  }
  if (!fs::exists(status)) {
    return fail(tr("data '{}' cannot be read: {}; give {}", source, problem.message(),
                   data_sources_text()));
  }
  if (!fs::is_directory(status)) {
    return fail(tr("data '{}' is a file of no format that zscape reads; give {}", source,
                   data_sources_text()));
  }
  const std::string endings = endings_in(source);
  if (endings.starts_with(".npy ")) {
    return fail(tr(
        "'{}' holds no images.npy, but files of other names ({}); where each is one input, bring "
        "them into one array: numpy.save('images.npy', numpy.stack([numpy.load(f) for f in "
        "files]))",
        source, endings));
  }
  std::string contents;
  for (const DataFormat& format : data_formats()) {
    if (format.is_name || !format.endings.empty()) continue;
    if (!contents.empty()) contents += "; ";
    contents += format.contents;
  }
  if (!endings.empty()) {
    return fail(tr("'{}' holds no data set, but files of other kinds ({}); it needs one of: {}",
                   source, endings, contents));
  }
  return fail(tr("'{}' holds no data set; it needs one of: {}", source, contents));
}

Expected<void> check_image_size(const ImageSize& size) {
  if (size.height >= 1 && size.width >= 1 && size.height <= kMostPixels / size.width) return {};
  return fail(tr(
      "the image size {}x{} is not possible; sides are 1 or more, and an image has up to {} pixels",
      size.height, size.width, kMostPixels));
}

// The shape of the inputs with the requested size: plain vectors of as many numbers are read as
// grey images.
Expected<ImageShape> requested_shape(const ImageShape& shape, const DataRequest& request) {
  if (!request.image_size) return shape;
  const auto [height, width] = *request.image_size;
  if (height == 1 && shape.height == 1) {
    return fail(
        tr("'{}' holds vectors of {} numbers, and {}x{} is a vector too; an image has two rows of "
           "pixels or more",
           request.source, shape.size(), height, width));
  }
  if (shape.height == height && shape.width == width) return shape;
  if (shape.height > 1 || shape.channels > 1) {
    return fail(
        tr("data '{}' has images of {}x{}, not of {}x{}; only pictures in a folder are resized",
           request.source, shape.height, shape.width, height, width));
  }
  if (shape.size() != height * width) {
    return fail(tr(
        "data '{}' holds vectors of {} numbers, which are no images of {}x{}; that size needs {}",
        request.source, shape.size(), height, width, height * width));
  }
  return ImageShape{height, width, 1};
}

Expected<void> check_labels(const RawPart& part) {
  if (part.labels_path.empty()) return {};
  if (static_cast<std::int64_t>(part.labels.size()) != part.count) {
    return fail(tr("'{}' holds {} labels for the {} inputs of '{}'; there must be one each",
                   part.labels_path, part.labels.size(), part.count, part.path));
  }
  for (std::size_t row = 0; row < part.labels.size(); ++row) {
    const std::int64_t label = part.labels[row];
    if (label >= 0 && label <= kLargestLabel) continue;
    return fail(tr("'{}' has the label {} in row {} (counted from 0); labels are 0 to {}",
                   part.labels_path, label, row, kLargestLabel));
  }
  return {};
}

// Checks everything that does not need the inputs.
Expected<void> check_parts(const RawData& raw) {
  if (auto fine = check_labels(raw.train); !fine) return fine;
  if (!raw.test) {
    const bool has_sequences = raw.train.steps > 0;
    if (raw.train.count > std::max<std::int64_t>(raw.train.steps, 1)) return {};
    if (has_sequences) {
      return fail(
          tr("'{}' holds a single sequence; zscape needs at least one for training and one "
             "for testing",
             raw.train.path));
    }
    return fail(
        tr("'{}' holds a single input; zscape needs at least one for training and one for testing",
           raw.train.path));
  }
  if (raw.train.shape != raw.test->shape || raw.train.is_float != raw.test->is_float) {
    const auto type = [](const RawPart& part) {
      return part.is_float ? tr("floats") : tr("bytes");
    };
    return fail(
        tr("'{}' holds inputs of {} as {}, '{}' of {} as {}; both must hold inputs of one form, "
           "both bytes or both floats",
           raw.train.path, shape_text(raw.train.shape), type(raw.train), raw.test->path,
           shape_text(raw.test->shape), type(*raw.test)));
  }
  if (raw.train.steps != raw.test->steps) {
    return fail(tr("'{}' holds sequences of {} steps, '{}' of {}; both must have as many",
                   raw.train.path, raw.train.steps, raw.test->path, raw.test->steps));
  }
  return check_labels(*raw.test);
}

// Says why no network can learn from a number.
tl::unexpected<Error> bad_number(float bad, std::int64_t row, const RawPart& part,
                                 std::int64_t column = -1) {
  const std::string place = column >= 0 && part.shape.height == 1
                                ? tr("row {}, column {} (counted from 0)", row, column)
                                : tr("row {} (counted from 0)", row);
  if (std::isnan(bad)) {
    return fail(
        tr("'{}' has NaN (not a number) in {}; inputs must be finite numbers", part.path, place));
  }
  if (std::isinf(bad)) {
    return fail(
        tr("'{}' has an infinite value, or one beyond float32, in {}; inputs must be finite "
           "numbers",
           part.path, place));
  }
  return fail(
      tr("'{}' has the number {:g}, which is beyond ±{:g}, in {}; inputs must be finite numbers",
         part.path, bad, kLargestNumber, place));
}

// Refuses numbers that no network can learn from.
Expected<void> check_numbers(std::span<const float> values, const RawPart& part) {
  const auto bad = std::ranges::find_if(
      values, [](float value) { return !(std::abs(value) <= kLargestNumber); });
  if (bad == values.end()) return {};
  const auto size = static_cast<std::ptrdiff_t>(part.shape.size());
  return bad_number(*bad, (bad - values.begin()) / size, part, (bad - values.begin()) % size);
}

void take_part(RawPart& part, Split& split) {
  split.count = part.count;
  split.labels.assign(part.labels.begin(), part.labels.end());
  split.factors = std::move(part.factors);
  split.files = std::move(part.files);
  split.metadata = std::move(part.metadata);
}

Expected<void> read_part(RawPart& part, Split& split, const Progress& progress) {
  auto inputs = part.read(progress);
  if (!inputs) return tl::unexpected(std::move(inputs.error()));
  take_part(part, split);
  if (auto* bytes = std::get_if<std::vector<std::uint8_t>>(&*inputs)) {
    split.pixels = std::move(*bytes);
    return {};
  }
  split.values = std::move(std::get<std::vector<float>>(*inputs));
  return check_numbers(split.values, part);
}

// What the format took from the numbers.
void put_offset(const RawData& raw, Dataset& data) {
  if (raw.offset && !raw.offset->empty()) data.train.offset = data.test.offset = raw.offset;
}

Expected<void> read_parts(RawData& raw, Dataset& data, const Progress& progress) {
  if (!raw.test) {
    if (auto done = read_part(raw.train, data.train, progress); !done) return done;
    hold_out_test_part(data);
    return {};
  }
  const auto train = static_cast<double>(raw.train.count);
  const double border = train / (train + static_cast<double>(raw.test->count));
  if (auto done = read_part(raw.train, data.train, part_of(progress, 0, border)); !done) {
    return done;
  }
  return read_part(*raw.test, data.test, part_of(progress, border, 1));
}

// Pictures are squares as a rule, and their numbers have a usual range.
void tell_of_sequences(const RawPart& part, const DataRequest& request, Dataset& data) {
  if (!part.may_be_sequences || !part.is_float || request.range) return;
  constexpr std::array kUsual = {PixelRange{}, PixelRange{-1, 1}, PixelRange{0, 255},
                                 PixelRange{0, 65535}};
  const PixelRange range = shown_range(data).value_or(PixelRange{});
  const bool is_usual = std::ranges::find(kUsual, range) != kUsual.end();
  if (data.shape.height == data.shape.width && is_usual) return;
  data.assumed.push_back(
      tr("each input is a grey picture of {0}×{1}; with --sequence it is read "
         "as {0} steps of {1} numbers",
         data.shape.height, data.shape.width));
}

// The same for data that stay on a disk, to which their scale belongs: it takes as few passes over
// the file as there can be.
Expected<void> map_parts(RawData& raw, Dataset& data, const DataRequest& request,
                         const Progress& progress) {
  // Writing a scratch file takes longer than reading one.
  constexpr double kMapped = 0.5, kSurveyed = 0.7, kBrought = 0.8;
  const auto train = static_cast<double>(raw.train.count);
  const double all = train + static_cast<double>(raw.test ? raw.test->count : 0);
  auto mapped =
      map_part(raw.train, data.train, data.assumed, part_of(progress, 0, kMapped * train / all));
  if (mapped && raw.test) {
    mapped = map_part(*raw.test, data.test, data.assumed,
                      part_of(progress, kMapped * train / all, kMapped));
  }
  if (!mapped) return mapped;
  take_part(raw.train, data.train);
  if (raw.test) {
    take_part(*raw.test, data.test);
  } else {
    hold_out_test_part(data);
  }
  data.memory = request.memory.value_or(usual_data_memory());
  put_offset(raw, data);
  auto numbers = survey(data, kLargestNumber, part_of(progress, kMapped, kSurveyed));
  if (!numbers) return tl::unexpected(numbers.error());
  if (numbers->bad_row >= 0) {
    return bad_number(numbers->bad, numbers->bad_row,
                      numbers->is_bad_in_test ? *raw.test : raw.train);
  }
  if (raw.range) {
    data.range = raw.range;
  } else if (raw.has_open_range || request.range) {
    const auto changed =
        map_pixels(data, request, *numbers, part_of(progress, kSurveyed, kBrought));
    if (!changed) return tl::unexpected(changed.error());
    if (*changed) return {};
  }
  if (!data.train.pixels.empty() || (!data.train.offset && numbers->lie_in_unit_interval())) {
    return {};
  }
  auto scaling = find_scaling(data, part_of(progress, kBrought, 1));
  if (!scaling) return tl::unexpected(scaling.error());
  data.scaling = *std::move(scaling);
  return {};
}

// Numbers as labels may leave some out, which are classes all the same.
void tell_empty_classes(Dataset& data) {
  std::vector<char> occurs(static_cast<std::size_t>(data.classes()));
  for (const Split* split : {&data.train, &data.test}) {
    for (const std::int32_t label : split->labels) occurs[static_cast<std::size_t>(label)] = 1;
  }
  const auto empty = std::ranges::count(occurs, 0);
  if (empty == 0 || data.class_names.back() != std::to_string(data.classes() - 1)) return;
  data.assumed.push_back(
      empty == 1 ? tr("labels are taken as the classes 0 to {}; one of them has no input",
                      data.classes() - 1)
                 : tr("labels are taken as the classes 0 to {}; {} of them have no input",
                      data.classes() - 1, empty));
}

// A part whose labels are hidden has none; of a training part without labels no class is known.
void drop_hidden_labels(RawData& raw) {
  const auto drop = [](RawPart& part) {
    part.labels.clear();
    part.labels_path.clear();
  };
  const bool hides_train = are_hidden(raw.train.labels);
  if (raw.test && (hides_train || are_hidden(raw.test->labels))) {
    if (!hides_train) {
      raw.assumed.push_back(tr("the labels of the test part are all −1: it has none"));
    }
    drop(*raw.test);
  }
  if (!hides_train) return;
  raw.assumed.push_back(tr("the labels are all −1: there are none"));
  drop(raw.train);
  raw.class_names.clear();
  raw.class_names_folder.clear();
}

Expected<Dataset> read_data(RawData raw, const DataRequest& request, const Progress& progress) {
  drop_hidden_labels(raw);
  if (auto fine = check_parts(raw); !fine) return tl::unexpected(fine.error());
  const auto shape = requested_shape(raw.train.shape, request);
  if (!shape) return tl::unexpected(shape.error());

  std::int64_t largest_label = -1;
  for (const RawPart* part : {&raw.train, raw.test ? &*raw.test : nullptr}) {
    if (part == nullptr || part->labels.empty()) continue;
    largest_label = std::max(largest_label, std::ranges::max(part->labels));
  }
  auto names = class_names(largest_label, raw.class_names, raw.class_names_folder);
  if (!names) return tl::unexpected(names.error());

  if (raw.test) unify_metadata(raw.train.metadata, raw.test->metadata, raw.left_out);
  Dataset data;
  data.shape = *shape;
  data.steps = raw.train.steps;
  data.class_names = std::move(*names);
  data.factor_names = std::move(raw.factor_names);
  data.input_names = std::move(raw.input_names);
  data.type = raw.train.type;
  data.pictures = raw.pictures;
  data.assumed = std::move(raw.assumed);
  data.left_out = std::move(raw.left_out);
  const bool has_names = !raw.class_names.empty();
  const Progress rest = part_of(progress, raw.opened_share, 1);
  if (belongs_on_disk(raw, request)) {
    data.name = data.source = request.source;  // for messages
    if (auto done = map_parts(raw, data, request, rest); !done) return tl::unexpected(done.error());
    if (!has_names) tell_empty_classes(data);
    tell_of_sequences(raw.train, request, data);
    return data;
  }
  if (auto done = read_parts(raw, data, rest); !done) return tl::unexpected(done.error());
  if (!has_names) tell_empty_classes(data);
  put_offset(raw, data);
  if (raw.range) {
    data.range = raw.range;
  } else if (raw.has_open_range || request.range) {
    map_pixels(data, request);
  }
  data.scaling = find_scaling(data);
  tell_of_sequences(raw.train, request, data);
  return data;
}

// Data from a file or folder are named after it, and their source is its absolute path.
void name_data(Dataset& data, const std::string& source, bool is_name) {
  data.name = data.source = source;
  if (is_name) return;
  const auto [file, key] = split_key(source);
  std::error_code problem;
  fs::path path = fs::canonical(file, problem);
  if (problem) path = file;
  const fs::path name = fs::is_directory(path, problem) ? path.filename() : path.stem();
  data.name = as_utf8(name.empty() ? path.string() : name.string());
  data.source = key.empty() ? path.string() : path.string() + ":" + key;
}

class Crc {
 public:
  template <class T>
  void add(std::span<const T> values) {
    const auto bytes = std::as_bytes(values);
    if (bytes.empty()) return;  // zlib would start again at null
    sum_ = crc32_z(sum_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  }
  // Bytes of which the sum is known.
  void add(std::uint32_t sum, std::uint64_t bytes) {
    sum_ = crc32_combine(sum_, sum, static_cast<z_off_t>(bytes));
  }
  std::uint32_t value() const { return static_cast<std::uint32_t>(sum_); }

 private:
  uLong sum_ = crc32_z(0, nullptr, 0);
};

}  // namespace

Expected<std::shared_ptr<const Dataset>> load_dataset(const DataRequest& request,
                                                      const Progress& progress) {
  if (request.image_size) {
    if (auto fine = check_image_size(*request.image_size); !fine) {
      return tl::unexpected(fine.error());
    }
  }
  const DataFormat* format = find_data_format(request.source);
  if (format == nullptr) return no_format(request.source);
  if (auto fits = check_reads_sequences(*format, request); !fits) {
    return tl::unexpected(fits.error());
  }
  auto raw = format->open(request, progress);
  if (!raw) return tl::unexpected(std::move(raw.error()));
  if (!request.labels_file.empty()) {
    const auto taken = take_labels_of_file(request.labels_file, request.label_column, *raw);
    if (!taken) return tl::unexpected(taken.error());
  }
  auto data = read_data(std::move(*raw), request, progress);
  if (!data) return tl::unexpected(std::move(data.error()));
  name_data(*data, request.source, format->is_name);
  data->format = format->source;
  for (std::string& sentence : left_out_of(request.source, *format)) {
    data->left_out.push_back(std::move(sentence));
  }
  return std::make_shared<const Dataset>(std::move(*data));
}

std::uint32_t checksum(const Dataset& data) {
  Crc crc;
  const std::array<std::int32_t, 3> shape = {data.shape.height, data.shape.width,
                                             data.shape.channels};
  crc.add(std::span<const std::int32_t>(shape));
  if (data.steps > 0) crc.add(std::span(&data.steps, 1));
  for (const Split* split : {&data.train, &data.test}) {
    crc.add(std::span(&split->count, 1));
    if (split->checksum) {
      crc.add(*split->checksum, (split->pixels.empty() ? sizeof(float) : 1) *
                                    static_cast<std::uint64_t>(split->count * data.inputs()));
    } else {
      crc.add(std::span(split->pixels));
      crc.add(std::span(split->values));
    }
    crc.add(std::span(split->labels));
  }
  return crc.value();
}

}  // namespace zscape
