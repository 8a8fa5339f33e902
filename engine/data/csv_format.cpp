#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/array_set.h"
#include "engine/data/metadata.h"
#include "engine/data/names.h"
#include "engine/data/table.h"
#include "engine/data/table_cells.h"
#include "engine/data/table_columns.h"
#include "engine/data_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

struct Table : ColumnTable {
  TableForm form;
};

void look_at(TableColumn& column, const std::string& cell, std::int64_t row, bool decimal_comma) {
  const auto number = number_in(cell, decimal_comma);
  if (!number) {
    column.add_text(cell);
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
  std::vector<std::uint8_t> bytes;  // of pictures; empty: the inputs are not kept
  std::vector<double> numbers;      // of others, likewise
  std::vector<std::string> labels;
  std::vector<MetadataTexts> metadata;  // one for each column of ColumnChoice::metadata
};

// The number of an input.
Expected<double> input_in(const Table& table, const std::vector<std::string>& cells,
                          std::size_t column, const TableReader& reader) {
  const auto number = number_in(cells[column], table.form.decimal_comma);
  if (number && std::isfinite(*number)) return *number;
  return fail(tr("'{}' has '{}' in line {}, column {}, which is no finite number; inputs must be",
                 table.path, as_utf8(cells[column]), reader.line(), table.columns[column].name));
}

// The next row, which the first look found there.
Expected<void> next_row(const Table& table, TableReader& reader, std::vector<std::string>& cells) {
  const auto more = reader.next(cells, table.form.separator);
  if (!more) return tl::unexpected(more.error());
  if (*more && cells.size() == table.columns.size()) return {};
  return fail(tr("'{}' changed while it was read", table.path));
}

// Back before the first row of numbers.
Expected<void> rewind(const Table& table, TableReader& reader) {
  reader.rewind();
  std::vector<std::string> header;
  return table.has_header ? next_row(table, reader, header) : Expected<void>();
}

// Inputs that memory has no room for as text and numbers alike: each reading goes through the file.
template <class Value>
NamedArray array_of_file(const Table& table, const ColumnChoice& choice,
                         std::shared_ptr<TableReader> reader, std::vector<std::int64_t> shape,
                         ElementType type) {
  NamedArray array{.name = "", .where = table.path, .type = type};
  array.shape = std::move(shape);
  array.read = [table, inputs = choice.inputs, reader = std::move(reader),
                cells = std::vector<std::string>()](
                   std::int64_t first, std::int64_t count) mutable -> Expected<ArrayValues> {
    if (first == 0) {
      if (auto done = rewind(table, *reader); !done) return tl::unexpected(done.error());
    }
    std::vector<Value> values;
    values.reserve(static_cast<std::size_t>(count) * inputs.size());
    for (std::int64_t row = 0; row < count; ++row) {
      if (auto done = next_row(table, *reader, cells); !done) return tl::unexpected(done.error());
      for (const std::size_t i : inputs) {
        const auto number = input_in(table, cells, i, *reader);
        if (!number) return tl::unexpected(number.error());
        values.push_back(static_cast<Value>(*number));
      }
    }
    return values;
  };
  return array;
}

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
                                                        bool keeps_inputs,
                                                        const Progress& progress) {
  auto contents = std::make_shared<Contents>();
  contents->metadata.resize(choice.metadata.size());
  if (!keeps_inputs && !choice.labels && choice.metadata.empty()) return contents;
  const std::span inputs(choice.inputs.data(), keeps_inputs ? choice.inputs.size() : 0);
  const auto total = static_cast<std::size_t>(table.rows) * inputs.size();
  if (are_bytes) {
    contents->bytes.reserve(total);
  } else {
    contents->numbers.reserve(total);
  }
  if (auto done = rewind(table, reader); !done) return tl::unexpected(done.error());
  std::vector<std::string> cells;
  for (std::int64_t row = 0; row < table.rows; ++row) {
    if (auto done = next_row(table, reader, cells); !done) return tl::unexpected(done.error());
    for (const std::size_t i : inputs) {
      const auto number = input_in(table, cells, i, reader);
      if (!number) return tl::unexpected(number.error());
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

// The inputs as pictures of so many rows and columns, or as vectors.
NamedArray inputs_of(const Table& table, const ColumnChoice& choice,
                     const std::shared_ptr<const Contents>& contents, bool are_pixels,
                     const std::shared_ptr<TableReader>& reader, bool keeps_inputs) {
  const auto width = static_cast<std::int64_t>(choice.inputs.size());
  if (are_pixels) {
    const int side = *side_of_pictures(choice.inputs.size());
    const std::vector<std::int64_t> shape = {table.rows, side, side};
    return keeps_inputs
               ? array_in(contents, contents->bytes, shape, ElementType::uint8, table.path)
               : array_of_file<std::uint8_t>(table, choice, reader, shape, ElementType::uint8);
  }
  const std::vector<std::int64_t> shape = {table.rows, width};
  return keeps_inputs
             ? array_in(contents, contents->numbers, shape, ElementType::float64, table.path)
             : array_of_file<double>(table, choice, reader, shape, ElementType::float64);
}

Expected<RawData> open_csv(const DataRequest& request, const Progress& progress) {
  const std::string& path = request.source;
  auto opened = TableReader::open(path);
  if (!opened) return tl::unexpected(opened.error());
  const auto reader = std::make_shared<TableReader>(std::move(*opened));
  constexpr double kLooking = 0.45, kReading = 0.95;
  const auto table = look_at_table(path, *reader, part_of(progress, 0, kLooking));
  if (!table) return tl::unexpected(table.error());
  auto choice = choose_columns(*table, request.label_column);
  if (!choice) return tl::unexpected(choice.error());
  const bool are_pixels = look_like_pixels(*table, choice->inputs);
  // Kept, a number lies in memory as it was read and as a network reads it.
  const std::uint64_t kept = static_cast<std::uint64_t>(table->rows) * choice->inputs.size() *
                             (are_pixels ? 2 : sizeof(double) + sizeof(float));
  const bool keeps_inputs = kept <= data_memory(request);
  const auto contents = read_contents(*table, *choice, *reader, are_pixels, keeps_inputs,
                                      part_of(progress, kLooking, kReading));
  if (!contents) return tl::unexpected(contents.error());

  const std::int64_t rows = table->rows;
  ChosenArrays arrays;
  arrays.train = inputs_of(*table, *choice, *contents, are_pixels, reader, keeps_inputs);
  if (choice->labels) {
    arrays.train_labels = array_in(*contents, (*contents)->labels, {rows}, ElementType::text, path);
  }
  auto data = raw_data_from(std::move(arrays));
  if (!data) return data;
  data->opened_share = keeps_inputs ? kReading : kLooking;
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
