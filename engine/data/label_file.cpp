#include "engine/data/label_file.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/array_labels.h"
#include "engine/data/array_roles.h"
#include "engine/data/child_arrays.h"
#include "engine/data/child_reader.h"
#include "engine/data/idx.h"
#include "engine/data/names.h"
#include "engine/data/npy.h"
#include "engine/data/npz.h"
#include "engine/data/table.h"
#include "engine/data/table_cells.h"
#include "engine/data/table_columns.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kHdf5 = "hdf5";  // as zscape-read calls them
constexpr const char* kMat = "mat";

// The only array of as many labels, or of these the only one that is called labels, or the one that
// was named.
Expected<NamedArray> labels_in_set(ArraySet set, const std::string& key, std::int64_t count) {
  std::optional<NamedArray> found;
  const auto is_meant = [&](const NamedArray& array) {
    return key.empty() ? label_count(array.shape) == count : array.name == key;
  };
  const auto is_called_labels = [&](const NamedArray& array) {
    return is_meant(array) && role_of(array.name).content == Content::labels;
  };
  const bool has_name = key.empty() && std::ranges::count_if(set.arrays, is_called_labels) == 1;
  for (NamedArray& array : set.arrays) {
    if (has_name ? !is_called_labels(array) : !is_meant(array)) continue;
    if (found) {
      return fail(
          tr("'{0}' has several arrays that may be the labels; name them as {0}:KEY", set.path));
    }
    found = std::move(array);
  }
  if (found) return *std::move(found);
  return key.empty()
             ? fail(tr("'{}' has no array of {} labels, one for each input", set.path, count))
             : fail(tr("'{}' has no array '{}'", set.path, key));
}

// The number of rows tells whether the first is a header.
Expected<NamedArray> labels_in_table(const std::string& path, const std::string& column,
                                     std::int64_t count, RawData& data) {
  const auto cells = read_cells(path);
  if (!cells) return tl::unexpected(cells.error());
  ColumnTable table;
  table.path = path;
  table.has_header = cells->rows == count + 1;
  table.rows = cells->rows - (table.has_header ? 1 : 0);
  if (table.rows != count) {
    return fail(tr("'{}' holds {} labels for the {} inputs of '{}'; there must be one each", path,
                   table.rows, count, data.train.path));
  }
  const std::size_t first = table.has_header ? 1 : 0;
  const auto cell = [&](std::size_t i, std::size_t row) -> const std::string& {
    const MetadataTexts& texts = cells->columns[i];
    return texts.distinct()[static_cast<std::size_t>(texts.places()[first + row])];
  };
  for (std::size_t i = 0; i < cells->columns.size(); ++i) {
    TableColumn& known = table.columns.emplace_back();
    known.name = table.has_header ? cells->first[i] : std::to_string(i + 1);
    if (cells->columns[i].is_too_large()) {
      known.texts = table.rows;
      continue;
    }
    for (std::int64_t row = 0; row < table.rows; ++row) {
      const auto number =
          number_in(cell(i, static_cast<std::size_t>(row)), cells->form.decimal_comma);
      if (number) {
        known.add_number(*number, row);
      } else {
        ++known.texts;
      }
    }
  }
  std::size_t chosen = 0;
  if (table.columns.size() > 1 || !column.empty()) {
    auto choice = choose_labels(table, column);
    if (!choice) return tl::unexpected(choice.error());
    if (!choice->labels) {
      return fail(
          tr("'{}' has several columns; name that of the labels with --label-column", path));
    }
    chosen = *choice->labels;
    data.assumed.insert(data.assumed.end(), choice->assumed.begin(), choice->assumed.end());
  }
  if (cells->is_latin) data.assumed.push_back(latin_note(path));
  if (cells->columns[chosen].is_too_large()) {
    return fail(tr("'{}': the texts of its column {} are too long for labels", path,
                   table.columns[chosen].name));
  }
  auto texts = std::make_shared<std::vector<std::string>>();
  for (std::size_t row = 0; row < static_cast<std::size_t>(table.rows); ++row) {
    texts->push_back(cell(chosen, row));
  }
  NamedArray array{.name = "", .where = path, .type = ElementType::text};
  array.shape = {count};
  array.read = [texts](std::int64_t begin, std::int64_t rows_read) -> Expected<ArrayValues> {
    return std::vector<std::string>(texts->begin() + begin, texts->begin() + begin + rows_read);
  };
  return array;
}

// HDF5's and MATLAB's files, whose columns and rows of labels are both [count].
Expected<NamedArray> labels_of_child(const char* format, const std::string& path,
                                     const std::string& key, std::int64_t count) {
  const auto reader = ChildReader::open(format, path);
  if (!reader) return tl::unexpected(reader.error());
  ArraySet set = {.path = path, .arrays = {}};
  for (std::size_t i = 0; i < (*reader)->arrays().size(); ++i) {
    const std::vector<std::int64_t> shape = (*reader)->arrays()[i].shape;
    const bool lies = format == kMat && shape.size() == 2 && shape[0] == 1;
    if (lies) (*reader)->put_first(i, 1);
    NamedArray array = array_of(*reader, i);
    if (format == kMat) array.reads_slices = false;
    set.arrays.push_back(std::move(array));
  }
  return labels_in_set(std::move(set), key, count);
}

Expected<NamedArray> open_labels(const std::string& source, const std::string& column,
                                 std::int64_t count, RawData& data) {
  const auto [path, key] = split_key(source);
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return fail(tr("--labels {}: there is no such file", source));
  }
  if (looks_like_npy(path)) {
    return NpyFile::open(path).map([](NpyFile file) { return array_of(std::move(file), ""); });
  }
  if (is_npz(path)) {
    auto set = open_npz_arrays(path, key);
    if (!set) return tl::unexpected(set.error());
    return labels_in_set(*std::move(set), key, count);
  }
  if (looks_like_idx(path)) return open_idx_array(path);
  const std::string ending = in_small_letters(std::filesystem::path(path).extension().string());
  if (ending == ".h5" || ending == ".hdf5" || ending == ".h5ad") {
    return labels_of_child(kHdf5, path, key, count);
  }
  if (ending == ".mat") return labels_of_child(kMat, path, key, count);
  if (ending == ".csv" || ending == ".tsv" || ending == ".txt") {
    return labels_in_table(path, column, count, data);
  }
  return fail(
      tr("--labels {}: labels are read from .npy, .npz, .csv, .tsv, .h5, .mat and IDX "
         "files",
         source));
}

}  // namespace

Expected<void> take_labels_of_file(const std::string& source, const std::string& column,
                                   RawData& data) {
  const std::int64_t count = data.train.count + (data.test ? data.test->count : 0);
  const auto array = open_labels(source, column, count, data);
  if (!array) return tl::unexpected(array.error());
  auto all = read_labels(*array, count);
  if (!all) return tl::unexpected(all.error());
  const std::size_t read = all->texts.empty() ? all->numbers.size() : all->texts.size();
  if (static_cast<std::int64_t>(read) != count) {
    return fail(tr("'{}' holds {} labels for the {} inputs of '{}'; there must be one each", source,
                   read, count, data.train.path));
  }
  std::optional<ReadLabels> test;
  if (data.test) {
    test = *all;
    const auto border = static_cast<std::ptrdiff_t>(data.train.count);
    const auto divide = [border](auto& first, auto& rest) {
      if (first.empty()) return;
      rest.erase(rest.begin(), rest.begin() + border);
      first.erase(first.begin() + border, first.end());
    };
    divide(all->numbers, test->numbers);
    divide(all->texts, test->texts);
  }
  data.class_names.clear();
  data.class_names_folder.clear();
  put_labels(data, *std::move(all), std::move(test));
  if (data.class_names.empty()) {
    const std::filesystem::path folder = std::filesystem::path(source).parent_path();
    data.class_names_folder = (folder.empty() ? std::filesystem::path(".") : folder).string();
  }
  return {};
}

}  // namespace zscape
