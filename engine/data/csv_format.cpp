#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/array_set.h"
#include "engine/data/metadata.h"
#include "engine/data/names.h"
#include "engine/data/table.h"
#include "engine/data/table_cells.h"
#include "engine/data/table_columns.h"
#include "engine/text.h"

namespace zscape {
namespace {

struct Table : ColumnTable {
  TableForm form;
};

void look_at(TableColumn& column, const std::string& cell, std::int64_t row, bool decimal_comma) {
  const auto number = number_in(cell, decimal_comma);
  if (!number) {
    ++column.texts;
    return;
  }
  column.add_number(*number, row);
}

Expected<Table> look_at_table(const std::string& path, TableReader& reader,
                              const Progress& progress) {
  Table table;
  table.path = path;
  const auto form = form_of_table(path);
  if (!form) return fail(tr("'{}' is no table of two columns or more", path));
  table.form = *form;
  std::vector<std::string> first, cells;
  const auto has_first = reader.next(first, form->separator);
  if (!has_first) return tl::unexpected(has_first.error());
  auto more = reader.next(cells, form->separator);
  if (!more) return tl::unexpected(more.error());
  if (!*more)
    return fail(tr("'{}' holds a single line; zscape needs two rows of numbers at least", path));
  table.has_header = is_header(first, cells, *form);
  for (std::size_t i = 0; i < first.size(); ++i) {
    TableColumn column;
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

// ---- Reading

struct Contents {
  std::vector<std::uint8_t> bytes;  // of pictures
  std::vector<double> numbers;      // else
  std::vector<std::string> labels;
  std::vector<MetadataTexts> metadata;  // one for each column of ColumnChoice::metadata
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

Expected<std::shared_ptr<const Contents>> read_contents(const Table& table,
                                                        const ColumnChoice& choice,
                                                        TableReader& reader, bool are_bytes,
                                                        const Progress& progress) {
  auto contents = std::make_shared<Contents>();
  contents->metadata.resize(choice.metadata.size());
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
    for (std::size_t i = 0; i < choice.metadata.size(); ++i) {
      contents->metadata[i].add(cells[choice.metadata[i]]);
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
  auto choice = choose_columns(*table, request.label_column);
  if (!choice) return tl::unexpected(choice.error());
  const bool are_pixels = look_like_pixels(*table, choice->inputs);
  const auto contents =
      read_contents(*table, *choice, *reader, are_pixels, part_of(progress, kLooking, kReading));
  if (!contents) return tl::unexpected(contents.error());

  const std::int64_t rows = table->rows;
  ChosenArrays arrays;
  if (are_pixels) {
    const int side = *side_of_pictures(choice->inputs.size());
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
  MetadataColumns columns;
  for (std::size_t i = 0; i < choice->metadata.size(); ++i) {
    const MetadataTexts& texts = (*contents)->metadata[i];
    const std::string& name = table->columns[choice->metadata[i]].name;
    if (texts.is_too_large()) {
      columns.leave_out(name, tr("its texts are too long"));
    } else {
      columns.add(texts.column(name, table->form.decimal_comma));
    }
  }
  data->train.metadata = columns.take();
  for (std::string& sentence : columns.take_left_out()) {
    data->left_out.push_back(std::move(sentence));
  }
  data->assumed.insert(data->assumed.end(), choice->assumed.begin(), choice->assumed.end());
  data->left_out.insert(data->left_out.end(), choice->left_out.begin(), choice->left_out.end());
  if (reader->is_latin()) data->assumed.push_back(latin_note(path));
  if (are_pixels) {
    const int side = *side_of_pictures(choice->inputs.size());
    data->assumed.push_back(tr("the columns are the pixels of pictures of {0}×{0}", side));
  } else if (table->has_header) {
    for (const std::size_t i : choice->inputs) data->input_names.push_back(table->columns[i].name);
  }
  return data;
}

bool has_table_name(const std::string& source) {
  std::error_code ignored;
  const std::filesystem::path path = source;
  const std::string ending = in_small_letters(path.extension().string());
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  if (ending == ".csv" || ending == ".tsv") return true;
  // Such names say nothing, so the content does.
  return (ending == ".txt" || ending == ".data" || ending == ".dat") &&
         form_of_table(source).has_value();
}

}  // namespace

DataFormat csv_format() {
  return {.source = tr("a .csv or .tsv table"),
          .contents = tr("one row an input, numbers in columns; a column of labels is found by its "
                         "name or as the only one of text, or named: --label-column; other text "
                         "comes along as metadata; rows of 784 bytes are pictures of 28×28; also "
                         ".txt, .data and .dat, with blanks or commas between numbers"),
          .endings = {".csv", ".tsv", ".txt", ".data", ".dat"},
          .has_named_columns = true,
          .can_open = has_table_name,
          .open = open_csv};
}

}  // namespace zscape
