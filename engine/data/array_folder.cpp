#include "engine/data/array_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostValues = std::size_t{1} << 24U;  // of one input

// The name of a missing file in an error message.
std::string shown_name(const char* name, const PartFileNames& names) {
  return names.may_be_compressed ? fmt::format("{}[.gz]", name) : name;
}

}  // namespace

std::optional<std::size_t> product(std::span<const std::int64_t> dims) {
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());
  if (std::ranges::find(dims, 0) != dims.end()) return 0;
  std::size_t size = 1;
  for (const std::int64_t dim : dims) {
    const auto factor = static_cast<std::size_t>(dim);
    if (size > kMost / factor) return std::nullopt;
    size *= factor;
  }
  return size;
}

std::string dims_text(std::span<const std::int64_t> dims) {
  return fmt::format("[{}]", fmt::join(dims, ", "));
}

Expected<ImageShape> shape_of_inputs(std::span<const std::int64_t> dims, const std::string& path) {
  const std::int64_t channels = dims.size() == 4 ? dims[3] : 1;
  if (dims.size() == 4 && channels != 1 && channels != 3 && (dims[1] == 1 || dims[1] == 3)) {
    return fail(
        tr("'{}' is an array {}; zscape wants the channels last, as numpy.moveaxis(images, 1, -1) "
           "puts them",
           path, dims_text(dims)));
  }
  if (dims.size() < 2 || dims.size() > 4 || (channels != 0 && channels != 1 && channels != 3)) {
    return fail(
        tr("'{}' is an array {}; zscape reads [count, inputs], [count, height, width] and [count, "
           "height, width, channels] with 1 or 3 channels",
           path, dims_text(dims)));
  }
  if (std::ranges::find(dims, 0) != dims.end()) {
    return fail(tr("'{}' is an array {}: it holds no numbers; zscape needs one input at least",
                   path, dims_text(dims)));
  }
  if (const auto size = product(dims.subspan(1)); !size || *size > kMostValues) {
    return fail(tr("'{}' is an array {}; zscape takes up to {} numbers for one input", path,
                   dims_text(dims), kMostValues));
  }
  if (dims.size() == 2) return ImageShape{1, static_cast<int>(dims[1]), 1};
  return ImageShape{static_cast<int>(dims[1]), static_cast<int>(dims[2]),
                    static_cast<int>(channels)};
}

Expected<void> check_label_dims(std::span<const std::int64_t> dims, const std::string& path) {
  if (dims.size() == 1) return {};
  return fail(tr("'{}' is an array {}; labels need one dimension, [count]", path, dims_text(dims)));
}

std::optional<std::string> find_file(const fs::path& folder, const std::string& name,
                                     bool may_be_compressed) {
  std::error_code ignored;
  if (const fs::path path = folder / name; fs::is_regular_file(path, ignored)) {
    return path.string();
  }
  return may_be_compressed ? find_file(folder, name + ".gz") : std::nullopt;
}

bool has_inputs(const fs::path& folder, const PartFileNames& names) {
  return find_file(folder, names.train.inputs, names.may_be_compressed) ||
         find_file(folder, names.test.inputs, names.may_be_compressed);
}

Expected<RawData> open_parts(const fs::path& folder, const PartFileNames& names,
                             const std::function<Expected<RawPart>(const PartFiles&)>& open_part) {
  const auto find = [&](const char* name) {
    return find_file(folder, name, names.may_be_compressed);
  };
  const auto train_labels = find(names.train.labels);
  const auto test_labels = find(names.test.labels);
  for (const char* name : {names.train.inputs, names.test.inputs}) {
    if (!find(name)) {
      return fail(tr("'{}' lacks {}", folder.string(), shown_name(name, names)));
    }
  }
  if (train_labels.has_value() != test_labels.has_value()) {
    const auto& [there, missing] = train_labels ? std::pair{names.train.labels, names.test.labels}
                                                : std::pair{names.test.labels, names.train.labels};
    return fail(tr("'{}' holds {} but lacks {}; it needs both or neither", folder.string(), there,
                   shown_name(missing, names)));
  }
  auto train = open_part({*find(names.train.inputs), train_labels.value_or("")});
  if (!train) return tl::unexpected(train.error());
  auto test = open_part({*find(names.test.inputs), test_labels.value_or("")});
  if (!test) return tl::unexpected(test.error());
  RawData data;
  data.train = std::move(*train);
  data.test = std::move(*test);
  data.class_names_folder = folder.string();
  return data;
}

}  // namespace zscape
