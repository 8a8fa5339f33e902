#include "engine/data/side_table.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "engine/data/metadata.h"
#include "engine/data/names.h"
#include "engine/data/table.h"
#include "engine/data/table_cells.h"
#include "engine/data/table_columns.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

bool has_table_ending(const fs::path& file) {
  const std::string ending = in_small_letters(file.extension().string());
  return ending == ".csv" || ending == ".tsv";
}

std::optional<fs::path> table_named(const fs::path& folder, const std::string& stem) {
  std::error_code ignored;
  for (const char* ending : {".csv", ".tsv"}) {
    const fs::path path = folder / (stem + ending);
    if (fs::is_regular_file(path, ignored)) return path;
  }
  return std::nullopt;
}

// A table of codes or errors that zscape wrote there.
bool is_own_output(const fs::path& path) {
  auto reader = TableReader::open(path.string());
  std::vector<std::string> cells;
  if (!reader || !reader->next(cells, ',').value_or(false)) return false;
  constexpr std::array<std::string_view, 3> kOwn = {"index", "split", "row"};
  return cells.size() > kOwn.size() && std::equal(kOwn.begin(), kOwn.end(), cells.begin());
}

struct Cells : TableCells {
  bool has_header = false;
};

Expected<Cells> cells_beside(const std::string& path, std::int64_t count) {
  auto read = read_cells(path);
  if (!read) return tl::unexpected(read.error());
  Cells table{{*std::move(read)}};
  table.has_header = table.rows != count || is_header(table.first, table.second, table.form);
  return table;
}

// The ways in which a cell may name a file, the strictest first.
using Naming = std::function<std::string(const std::string&)>;
const std::array<Naming, 3>& namings() {
  static const std::array<Naming, 3> kNamings = {
      [](const std::string& file) { return file; },
      [](const std::string& file) { return fs::path(file).filename().string(); },
      [](const std::string& file) { return fs::path(file).stem().string(); }};
  return kNamings;
}

struct Join {
  std::size_t column = 0;
  std::vector<std::int64_t> rows;  // [count], among all rows of the table; -1: none
  std::size_t found = 0;
  bool by_stem = false;  // numbers may look so
};

// How a column names the files; rows that name one file twice name none.
Join joined(const Cells& table, std::size_t column, std::span<const std::string> files,
            const Naming& naming) {
  const MetadataTexts& cells = table.columns[column];
  std::vector<std::int64_t> row_of(cells.distinct().size(), -1);
  std::vector<char> twice(row_of.size(), 0);
  for (std::int64_t row = table.has_header ? 1 : 0; row < table.rows; ++row) {
    const auto place = static_cast<std::size_t>(cells.places()[static_cast<std::size_t>(row)]);
    if (row_of[place] >= 0) twice[place] = 1;
    row_of[place] = row;
  }
  std::unordered_map<std::string, std::int64_t> rows;
  for (std::size_t i = 0; i < row_of.size(); ++i) {
    std::string cell = cells.distinct()[i];
    if (cell.starts_with("./")) cell.erase(0, 2);
    if (row_of[i] >= 0 && twice[i] == 0) rows.emplace(std::move(cell), row_of[i]);
  }
  Join join{.column = column, .rows = {}};
  for (const std::string& file : files) {
    const auto found = rows.find(naming(file));
    join.rows.push_back(found == rows.end() ? -1 : found->second);
    join.found += found == rows.end() ? 0 : 1;
  }
  return join;
}

// Whether the first row names a file, as no header does.
bool names_a_file(const Cells& table, std::span<const std::string> files) {
  return std::ranges::any_of(files, [&](const std::string& file) {
    return std::ranges::any_of(namings(), [&](const Naming& naming) {
      return std::ranges::find(table.first, naming(file)) != table.first.end();
    });
  });
}

// The column and the way that name most files; each file of its own row.
std::optional<Join> best_join(const Cells& table, std::span<const std::string> files) {
  std::optional<Join> best;
  for (const Naming& naming : namings()) {
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      Join join = joined(table, column, files, naming);
      std::vector<std::int64_t> rows = join.rows;
      std::erase(rows, -1);
      std::ranges::sort(rows);
      if (std::ranges::adjacent_find(rows) != rows.end()) continue;
      join.by_stem = &naming == &namings().back();
      if (join.found > (best ? best->found : 0)) best = std::move(join);
    }
    if (best && best->found == files.size()) break;
  }
  return best;
}

std::string name_of(const Cells& table, std::size_t column) {
  const std::string name = table.has_header ? as_utf8(table.first[column]) : "";
  return name.empty() ? std::to_string(column + 1) : name;
}

// The rows of the table in the order of the inputs.
Expected<Join> rows_for(const std::string& path, Cells& table, std::int64_t count,
                        std::span<const std::string> files, SideTable& said) {
  const std::string name = fs::path(path).filename().string();
  auto join = files.empty() ? std::nullopt : best_join(table, files);
  if (join && join->by_stem && join->found < files.size()) join.reset();
  if (join && !names_a_file(table, files)) table.has_header = true;
  const std::int64_t held = table.rows - (table.has_header ? 1 : 0);
  if (join) {
    const std::string column = name_of(table, join->column);
    if (join->found < files.size() && 2 * join->found >= files.size()) {
      const auto lacks = std::ranges::find(join->rows, -1) - join->rows.begin();
      return fail(
          tr("'{}' names the files in its column {}, and '{}' is not among them; each "
             "input needs one row",
             path, column, files[static_cast<std::size_t>(lacks)]));
    }
    if (join->found == files.size()) {
      said.assumed.push_back(
          tr("{} says more of each input; its column {} names the files", name, column));
      const auto spare = held - static_cast<std::int64_t>(files.size());
      if (spare > 0) said.left_out.push_back(tr("{}: {} rows of no input", name, spare));
      return *std::move(join);
    }
  }
  if (held != count) {
    return fail(
        tr("'{}' has {} rows for {} inputs; there must be one each, or a column of file "
           "names",
           path, held, count));
  }
  said.assumed.push_back(
      files.empty() ? tr("{} says more of each input, row by row", name)
                    : tr("{} says more of each input, row by row in the order of the files' names, "
                         "as no column has these",
                         name));
  Join by_row{.column = table.columns.size(), .rows = {}};
  for (std::int64_t row = table.rows - held; row < table.rows; ++row) by_row.rows.push_back(row);
  return by_row;
}

Expected<SideTable> read_fitting(const std::string& path, std::int64_t count,
                                 std::span<const std::string> files) {
  SideTable said;
  auto table = cells_beside(path, count);
  if (!table) return tl::unexpected(table.error());
  if (table->is_latin) said.assumed.push_back(latin_note(path));
  const auto join = rows_for(path, *table, count, files, said);
  if (!join) return tl::unexpected(join.error());
  MetadataColumns columns;
  for (std::size_t i = 0; i < table->columns.size(); ++i) {
    if (i == join->column) continue;
    if (table->columns[i].is_too_large()) {
      columns.leave_out(name_of(*table, i), tr("its texts are too long"));
    } else {
      columns.add(
          table->columns[i].column(name_of(*table, i), table->form.decimal_comma, &join->rows));
    }
  }
  said.columns = columns.take();
  for (std::string& sentence : columns.take_left_out()) {
    said.left_out.push_back(std::move(sentence));
  }
  return said;
}

}  // namespace

bool is_side_table_name(const fs::path& file) {
  return file.stem() == kSideTable && has_table_ending(file);
}

std::optional<SideTableFile> find_side_table(const fs::path& folder,
                                             std::span<const std::string> names, bool only) {
  for (const std::string& name : names) {
    const auto named = table_named(folder, name);
    if (named && !is_own_output(*named)) return SideTableFile{*named, name == kSideTable};
  }
  if (!only) return std::nullopt;
  std::error_code problem;
  std::optional<SideTableFile> found;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    const bool is_hidden = entry.path().filename().string().starts_with('.');
    std::error_code ignored;
    if (is_hidden || !has_table_ending(entry.path()) || !entry.is_regular_file(ignored)) continue;
    if (is_own_output(entry.path())) continue;
    if (found) return std::nullopt;
    found = SideTableFile{entry.path()};
  }
  return found;
}

Expected<SideTable> read_side_table(const SideTableFile& table, std::int64_t count,
                                    std::span<const std::string> files) {
  auto read = read_fitting(table.path.string(), count, files);
  if (read || table.is_meant) return read;
  SideTable none;
  none.left_out.push_back(read.error().message);
  return none;
}

}  // namespace zscape
