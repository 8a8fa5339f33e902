#include "engine/data/table_cells.h"

#include <cstddef>

#include "engine/text.h"

namespace zscape {

Expected<TableCells> read_cells(const std::string& path) {
  auto reader = TableReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  TableCells table;
  table.form = form_of_table(path).value_or(TableForm{});
  std::vector<std::string> cells;
  for (;;) {
    const auto more = reader->next(cells, table.form.separator);
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
    if (table.rows == 0) {
      table.first = cells;
      table.columns.resize(cells.size());
    }
    if (cells.size() != table.columns.size()) {
      return fail(tr("'{}': line {} has {} columns, and the first has {}", path, reader->line(),
                     cells.size(), table.columns.size()));
    }
    if (table.rows == 1) table.second = cells;
    for (std::size_t i = 0; i < cells.size(); ++i) table.columns[i].add(cells[i]);
    ++table.rows;
  }
  if (table.rows == 0) return fail(tr("'{}' is an empty table", path));
  table.is_latin = reader->is_latin();
  return table;
}

std::string latin_note(const std::string& path) {
  return tr("'{}' is not in UTF-8; its text is read as Windows-1252", path);
}

}  // namespace zscape
