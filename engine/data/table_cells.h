#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/data/metadata.h"
#include "engine/data/table.h"
#include "engine/error.h"

namespace zscape {

// All cells of a table, by columns: what lies beside inputs, such as labels and metadata.
struct TableCells {
  std::vector<std::string> first, second;  // rows; the second of a single one is empty
  std::vector<MetadataTexts> columns;      // all rows, a header too; at least one column
  std::int64_t rows = 0;                   // likewise; at least one
  TableForm form;                          // of a single column: the usual one
  bool is_latin = false;                   // TableReader::is_latin()
};

// Refuses an empty table and rows of different lengths.
Expected<TableCells> read_cells(const std::string& path);

// For people: that its text was read as Windows-1252.
std::string latin_note(const std::string& path);

}  // namespace zscape
