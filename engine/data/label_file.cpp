#include "engine/data/label_file.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/array_labels.h"
#include "engine/data/idx.h"
#include "engine/data/names.h"
#include "engine/data/npy.h"
#include "engine/data/npz.h"
#include "engine/data/table.h"
#include "engine/data/table_columns.h"
#include "engine/text.h"

namespace zscape {
namespace {

// The only array of as many labels, or the one that was named.
Expected<NamedArray> labels_in_set(ArraySet set, const std::string& key, std::int64_t count) {
  std::optional<NamedArray> found;
  for (NamedArray& array : set.arrays) {
    const bool is_meant = key.empty() ? label_count(array.shape) == count : array.name == key;
    if (!is_meant) continue;
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

struct Rows {
  std::vector<std::vector<std::string>> cells;
  char separator = ',';
  bool decimal_comma = false;
};

Expected<Rows> rows_of_table(const std::string& path) {
  auto reader = TableReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  Rows rows;
  if (const auto form = form_of_table(path)) {  // else one column
    rows.separator = form->separator;
    rows.decimal_comma = form->decimal_comma;
  }
  for (;;) {
    std::vector<std::string> cells;
    const auto more = reader->next(cells, rows.separator);
    if (!more) return tl::unexpected(more.error());
    if (!*more) return rows;
    if (!rows.cells.empty() && cells.size() != rows.cells.front().size()) {
      return fail(tr("'{}': line {} has {} columns, and the first has {}", path, reader->line(),
                     cells.size(), rows.cells.front().size()));
    }
    rows.cells.push_back(std::move(cells));
  }
}

// The number of rows tells whether the first is a header.
Expected<NamedArray> labels_in_table(const std::string& path, const std::string& column,
                                     std::int64_t count, RawData& data) {
  auto rows = rows_of_table(path);
  if (!rows) return tl::unexpected(rows.error());
  const auto total = static_cast<std::int64_t>(rows->cells.size());
  ColumnTable table;
  table.path = path;
  table.has_header = total == count + 1;
  table.rows = total - (table.has_header ? 1 : 0);
  if (table.rows != count) {
    return fail(tr("'{}' holds {} labels for the {} inputs of '{}'; there must be one each", path,
                   table.rows, count, data.train.path));
  }
  const std::size_t first = table.has_header ? 1 : 0;
  for (std::size_t i = 0; i < rows->cells.front().size(); ++i) {
    TableColumn& known = table.columns.emplace_back();
    known.name = table.has_header ? as_utf8(rows->cells.front()[i]) : std::to_string(i + 1);
    for (std::size_t row = first; row < rows->cells.size(); ++row) {
      const auto number = number_in(rows->cells[row][i], rows->decimal_comma);
      if (number) {
        known.add_number(*number, static_cast<std::int64_t>(row - first));
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
  auto texts = std::make_shared<std::vector<std::string>>();
  for (std::size_t row = first; row < rows->cells.size(); ++row) {
    texts->push_back(as_utf8(rows->cells[row][chosen]));
  }
  NamedArray array{.name = "", .where = path, .type = ElementType::text};
  array.shape = {count};
  array.read = [texts](std::int64_t begin, std::int64_t rows_read) -> Expected<ArrayValues> {
    return std::vector<std::string>(texts->begin() + begin, texts->begin() + begin + rows_read);
  };
  return array;
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
  if (ending == ".csv" || ending == ".tsv" || ending == ".txt") {
    return labels_in_table(path, column, count, data);
  }
  return fail(tr("--labels {}: labels are read from .npy, .npz, .csv, .tsv and IDX files", source));
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
