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

std::optional<std::string> find_file(const fs::path& folder, const std::string& name,
                                     bool may_be_compressed) {
  std::error_code ignored;
  if (const fs::path path = folder / name; fs::is_regular_file(path, ignored)) {
    return path.string();
  }
  return may_be_compressed ? find_file(folder, name + ".gz") : std::nullopt;
}

bool is_one_of(const PartFileNames& names, const fs::path& file) {
  const bool is_compressed = names.may_be_compressed && file.extension() == ".gz";
  const fs::path name = is_compressed ? fs::path(file).replace_extension() : file;
  return name == names.train.inputs || name == names.train.labels || name == names.test.inputs ||
         name == names.test.labels;
}

bool has_inputs(const fs::path& folder, const PartFileNames& names) {
  return find_file(folder, names.train.inputs, names.may_be_compressed) ||
         find_file(folder, names.test.inputs, names.may_be_compressed);
}

Expected<FoundParts> find_parts(const fs::path& folder, const PartFileNames& names) {
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
  return FoundParts{{*find(names.train.inputs), train_labels.value_or("")},
                    {*find(names.test.inputs), test_labels.value_or("")}};
}

Expected<ChosenArrays> open_arrays(
    const PartFiles& train, const PartFiles& test,
    const std::function<Expected<NamedArray>(const std::string& path)>& open) {
  ChosenArrays arrays;
  std::optional<NamedArray> inputs;
  for (const auto& [path, to] :
       {std::pair{&train.inputs, &inputs}, std::pair{&train.labels, &arrays.train_labels},
        std::pair{&test.inputs, &arrays.test}, std::pair{&test.labels, &arrays.test_labels}}) {
    if (path->empty()) continue;
    auto array = open(*path);
    if (!array) return tl::unexpected(array.error());
    *to = *std::move(array);
  }
  arrays.train = *std::move(inputs);
  return arrays;
}

}  // namespace zscape
