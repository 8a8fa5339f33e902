#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/error.h"

// What the columns of a table are: inputs, labels, or neither. For CSV and Parquet files alike.
namespace zscape {

// What is known of a column after a first look at all rows.
struct TableColumn {
  std::string name;  // of the header, else its number from 1
  std::int64_t numbers = 0;
  std::int64_t texts = 0;
  bool whole = true;        // all numbers are
  bool in_bytes = true;     // all are whole and 0 … 255
  bool counts_rows = true;  // all are 0, 1, 2 … or 1, 2, 3 …
  double first = 0;

  std::unordered_set<std::size_t> different = {};  // hashes of the texts, up to many

  void add_number(double number, std::int64_t row);
  void add_text(std::string_view text);
  // A few cells that are no numbers are mistakes, which reading names.
  bool is_numeric() const { return numbers > 9 * texts; }
  // Most texts occur once, as names of the rows do, which are no classes.
  bool names_rows() const;
};

struct ColumnTable {
  std::string path;  // for messages
  bool has_header = false;
  std::int64_t rows = 0;
  std::vector<TableColumn> columns;
};

struct ColumnChoice {
  std::vector<std::size_t> inputs;
  std::optional<std::size_t> labels;
  std::vector<std::size_t> metadata;  // of text, which comes along
  std::vector<std::string> assumed;
  std::vector<std::string> left_out;
};

// label_column: what a person named, by its name or its number from 1; empty: found.
Expected<ColumnChoice> choose_columns(const ColumnTable& table, const std::string& label_column);

// The same, of columns whose values are not known: labels alone, and what was assumed.
Expected<ColumnChoice> choose_labels(const ColumnTable& table, const std::string& label_column);

// The side of square pictures of so many bytes.
std::optional<int> side_of_pictures(std::size_t inputs);

// Columns of bytes whose number, or names, are those of square pictures.
bool look_like_pixels(const ColumnTable& table, std::span<const std::size_t> inputs);

std::string in_small_letters(std::string_view text);

}  // namespace zscape
