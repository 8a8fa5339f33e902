#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/array_set.h"
#include "engine/data/names.h"
#include "engine/data/table.h"
#include "engine/text.h"

namespace zscape {
namespace {

// What is known of a column after a first look at all rows.
struct Column {
  std::string name;  // of the header, else its number from 1
  std::int64_t numbers = 0;
  std::int64_t texts = 0;
  bool whole = true;        // all numbers are
  bool in_bytes = true;     // all are whole and 0 … 255
  bool counts_rows = true;  // all are 0, 1, 2 … or 1, 2, 3 …
  double first = 0;

  // A few cells that are no numbers are mistakes, which reading names.
  bool is_numeric() const { return numbers > 9 * texts; }
};

struct Table {
  std::string path;
  TableForm form;
  bool has_header = false;
  std::int64_t rows = 0;
  std::vector<Column> columns;
};

std::string lower(std::string_view text) {
  std::string small;
  for (const char c : text) {
    small += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return small;
}

// A header has a word where the rows below have a number.
bool is_header(const std::vector<std::string>& first, const std::vector<std::string>& second,
               const TableForm& form) {
  bool has_word = false;
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i) {
    if (!number_in(second[i], form.decimal_comma)) continue;
    if (number_in(first[i], form.decimal_comma)) return false;
    has_word = true;
  }
  return has_word;
}

void look_at(Column& column, const std::string& cell, std::int64_t row, bool decimal_comma) {
  const auto number = number_in(cell, decimal_comma);
  if (!number) {
    ++column.texts;
    return;
  }
  if (column.numbers == 0) column.first = *number;
  column.counts_rows = column.counts_rows && *number == column.first + static_cast<double>(row) &&
                       (column.first == 0 || column.first == 1);
  column.whole = column.whole && *number == std::floor(*number) && std::isfinite(*number);
  column.in_bytes = column.in_bytes && column.whole && *number >= 0 && *number <= 255;
  ++column.numbers;
}

Expected<Table> look_at_table(const std::string& path, TableReader& reader,
                              const Progress& progress) {
  Table table{.path = path, .form = {}, .columns = {}};
  const auto form = form_of_table(path);
  if (!form) return fail(tr("'{}' is no table of two columns or more", path));
  table.form = *form;
  std::vector<std::string> first, cells;
  const auto has_first = reader.next(first, form->separator);
  if (!has_first) return tl::unexpected(has_first.error());
  auto more = reader.next(cells, form->separator);
  if (!more) return tl::unexpected(more.error());
  if (!*more) return fail(tr("'{}' holds a single row; zscape needs two at least", path));
  table.has_header = is_header(first, cells, *form);
  for (std::size_t i = 0; i < first.size(); ++i) {
    Column column;
    column.name = table.has_header ? as_utf8(first[i]) : std::to_string(i + 1);
    if (!table.has_header) look_at(column, first[i], 0, form->decimal_comma);
    table.columns.push_back(std::move(column));
  }
  if (!table.has_header) ++table.rows;
  while (*more) {
    if (cells.size() != table.columns.size()) {
      return fail(tr("'{}': line {} has {} columns, and the first has {}", path, reader.line(),
                     cells.size(), table.columns.size()));
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
      look_at(table.columns[i], cells[i], table.rows, form->decimal_comma);
    }
    ++table.rows;
    if (table.rows % 1024 == 0 && !report(progress, reader.share())) {
      return fail(tr("reading '{}' was cancelled", path), ErrorCode::cancelled);
    }
    more = reader.next(cells, form->separator);
    if (!more) return tl::unexpected(more.error());
  }
  return table;
}

// ---- What the columns are

constexpr std::array<std::string_view, 9> kLabelNames = {
    "label", "labels", "class", "target", "y", "species", "category", "variety", "digit"};

struct Choice {
  std::vector<std::size_t> inputs;
  std::optional<std::size_t> labels;
  std::vector<std::string> assumed;
  std::vector<std::string> left_out;
};

Expected<std::size_t> named_column(const Table& table, const std::string& name) {
  const auto found = std::ranges::find(table.columns, name, &Column::name);
  if (found != table.columns.end()) {
    return static_cast<std::size_t>(found - table.columns.begin());
  }
  std::size_t number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, problem] = std::from_chars(name.data(), end, number);
  if (problem == std::errc() && rest == end && number >= 1 && number <= table.columns.size()) {
    return number - 1;
  }
  constexpr std::size_t kShown = 20;
  std::vector<std::string> names;
  for (const Column& column : table.columns) {
    if (names.size() < kShown) names.push_back(column.name);
  }
  if (names.size() < table.columns.size()) names.emplace_back("…");
  return fail(
      tr("'{}' has no column '{}'; its columns: {}", table.path, name, fmt::join(names, ", ")));
}

// The side of square pictures of so many bytes.
std::optional<int> side_of(std::size_t inputs) {
  const auto side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(inputs))));
  constexpr int kLeast = 8;
  if (side < kLeast || static_cast<std::size_t>(side) * static_cast<std::size_t>(side) != inputs) {
    return std::nullopt;
  }
  return side;
}

// Columns of bytes whose number, or names, are those of square pictures.
bool look_like_pixels(const Table& table, std::span<const std::size_t> inputs) {
  if (!side_of(inputs.size())) return false;
  return std::ranges::all_of(inputs, [&](std::size_t i) {
    const Column& column = table.columns[i];
    const std::string name = lower(column.name);
    const bool has_name = name.starts_with("p") || name.find('x') != std::string::npos;
    return column.in_bytes && (!table.has_header || has_name);
  });
}

std::optional<std::size_t> find_labels(const Table& table, Choice& choice) {
  for (const std::string_view name : kLabelNames) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const Column& column = table.columns[i];
      if (lower(column.name) != name) continue;
      if (!column.is_numeric() || column.whole) {
        choice.assumed.push_back(tr("the column {} holds the labels", column.name));
        return i;
      }
      choice.assumed.push_back(tr("the column {} is an input, as it holds fractions", column.name));
    }
  }
  std::vector<std::size_t> texts;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].is_numeric()) texts.push_back(i);
  }
  if (texts.size() == 1) {
    choice.assumed.push_back(tr("the column {} holds the labels, as the only one of text",
                                table.columns[texts.front()].name));
    return texts.front();
  }
  // Digits as Kaggle has them: the label first.
  std::vector<std::size_t> rest;
  for (std::size_t i = 1; i < table.columns.size(); ++i) rest.push_back(i);
  const Column& first = table.columns.front();
  if (!table.has_header && texts.empty() && first.in_bytes && look_like_pixels(table, rest)) {
    choice.assumed.push_back(tr("the first column holds the labels"));
    return 0;
  }
  return std::nullopt;
}

Expected<Choice> choose(const Table& table, const std::string& label_column) {
  Choice choice;
  if (!label_column.empty()) {
    const auto named = named_column(table, label_column);
    if (!named) return tl::unexpected(named.error());
    choice.labels = *named;
  } else {
    choice.labels = find_labels(table, choice);
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (choice.labels == i) continue;
    const Column& column = table.columns[i];
    const std::string name = lower(column.name);
    const bool is_index = table.has_header && column.counts_rows &&
                          (name.empty() || name == "id" || name == "index" || name == "unnamed: 0");
    if (!column.is_numeric()) {
      choice.left_out.push_back(tr("the column {}: text", column.name));
    } else if (is_index) {
      choice.left_out.push_back(column.name.empty()
                                    ? tr("the column without a name: it counts the rows")
                                    : tr("the column {}: it counts the rows", column.name));
    } else {
      choice.inputs.push_back(i);
    }
  }
  if (choice.inputs.empty()) {
    return fail(tr("'{}' has no column of numbers that may be inputs", table.path));
  }
  return choice;
}

// ---- Reading

struct Contents {
  std::vector<std::uint8_t> bytes;  // of pictures
  std::vector<double> numbers;      // else
  std::vector<std::string> labels;
};

template <class Value>
NamedArray array_in(std::shared_ptr<const Contents> held, const std::vector<Value>& values,
                    std::vector<std::int64_t> shape, ElementType type, const std::string& where) {
  const std::size_t width = values.size() / static_cast<std::size_t>(shape.front());
  NamedArray array{.name = "", .where = where, .type = type};
  array.shape = std::move(shape);
  array.read = [held = std::move(held), &values, width](
                   std::int64_t first, std::int64_t count) -> Expected<ArrayValues> {
    const auto begin = values.begin() + first * static_cast<std::ptrdiff_t>(width);
    return std::vector<Value>(begin, begin + count * static_cast<std::ptrdiff_t>(width));
  };
  return array;
}

Expected<std::shared_ptr<const Contents>> read_contents(const Table& table, const Choice& choice,
                                                        TableReader& reader, bool are_bytes,
                                                        const Progress& progress) {
  auto contents = std::make_shared<Contents>();
  const auto total = static_cast<std::size_t>(table.rows) * choice.inputs.size();
  if (are_bytes) {
    contents->bytes.reserve(total);
  } else {
    contents->numbers.reserve(total);
  }
  reader.rewind();
  std::vector<std::string> cells;
  for (std::int64_t row = table.has_header ? -1 : 0; row < table.rows; ++row) {
    const auto more = reader.next(cells, table.form.separator);
    if (!more) return tl::unexpected(more.error());
    if (!*more || cells.size() != table.columns.size()) {
      return fail(tr("'{}' changed while it was read", table.path));
    }
    if (row < 0) continue;
    for (const std::size_t i : choice.inputs) {
      const auto number = number_in(cells[i], table.form.decimal_comma);
      if (!number || !std::isfinite(*number)) {
        return fail(
            tr("'{}' has '{}' in line {}, column {}, which is no finite number; inputs must be",
               table.path, as_utf8(cells[i]), reader.line(), table.columns[i].name));
      }
      if (are_bytes) {
        contents->bytes.push_back(static_cast<std::uint8_t>(*number));
      } else {
        contents->numbers.push_back(*number);
      }
    }
    if (choice.labels) {
      std::string label = as_utf8(cells[*choice.labels]);
      const auto number = number_in(label, table.form.decimal_comma);
      if (number && *number == std::floor(*number) && std::abs(*number) < 1e15) {
        label = fmt::format("{}", static_cast<std::int64_t>(*number));  // 3.0 is 3
      } else if (number && table.columns[*choice.labels].is_numeric()) {
        return fail(
            tr("'{}' has the label {} in line {}, column {}; labels are whole numbers or "
               "text",
               table.path, label, reader.line(), table.columns[*choice.labels].name));
      }
      if (label.find_first_not_of(" \t") == std::string::npos) {
        return fail(tr("'{}' has no label in line {}, column {}", table.path, reader.line(),
                       table.columns[*choice.labels].name));
      }
      contents->labels.push_back(std::move(label));
    }
    if (row % 1024 == 0 && !report(progress, reader.share())) {
      return fail(tr("reading '{}' was cancelled", table.path), ErrorCode::cancelled);
    }
  }
  return contents;
}

Expected<RawData> open_csv(const DataRequest& request, const Progress& progress) {
  const std::string& path = request.source;
  auto reader = TableReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  constexpr double kLooking = 0.45, kReading = 0.95;
  const auto table = look_at_table(path, *reader, part_of(progress, 0, kLooking));
  if (!table) return tl::unexpected(table.error());
  auto choice = choose(*table, request.label_column);
  if (!choice) return tl::unexpected(choice.error());
  const bool are_pixels = look_like_pixels(*table, choice->inputs);
  const auto contents =
      read_contents(*table, *choice, *reader, are_pixels, part_of(progress, kLooking, kReading));
  if (!contents) return tl::unexpected(contents.error());

  const std::int64_t rows = table->rows;
  ChosenArrays arrays;
  if (are_pixels) {
    const int side = *side_of(choice->inputs.size());
    arrays.train =
        array_in(*contents, (*contents)->bytes, {rows, side, side}, ElementType::uint8, path);
  } else {
    arrays.train = array_in(*contents, (*contents)->numbers,
                            {rows, static_cast<std::int64_t>(choice->inputs.size())},
                            ElementType::float64, path);
  }
  if (choice->labels) {
    arrays.train_labels = array_in(*contents, (*contents)->labels, {rows}, ElementType::text, path);
  }
  auto data = raw_data_from(std::move(arrays));
  if (!data) return data;
  data->opened_share = kReading;
  data->assumed.insert(data->assumed.end(), choice->assumed.begin(), choice->assumed.end());
  data->left_out.insert(data->left_out.end(), choice->left_out.begin(), choice->left_out.end());
  if (are_pixels) {
    const int side = *side_of(choice->inputs.size());
    data->assumed.push_back(tr("the columns are the pixels of pictures of {0}×{0}", side));
  } else if (table->has_header) {
    for (const std::size_t i : choice->inputs) data->input_names.push_back(table->columns[i].name);
  }
  return data;
}

bool has_table_name(const std::string& source) {
  std::error_code ignored;
  const std::filesystem::path path = source;
  const std::string ending = lower(path.extension().string());
  return (ending == ".csv" || ending == ".tsv") && std::filesystem::is_regular_file(path, ignored);
}

}  // namespace

DataFormat csv_format() {
  return {.source = tr("a .csv or .tsv table"),
          .contents = tr("one row an input, numbers in columns; a column of labels is found by its "
                         "name or as the only one of text, or named: --label-column; rows of 784 "
                         "bytes are pictures of 28×28"),
          .endings = {".csv", ".tsv"},
          .can_open = has_table_name,
          .open = open_csv};
}

}  // namespace zscape
