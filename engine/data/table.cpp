#include "engine/data/table.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <limits>
#include <system_error>

#include "engine/data/names.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kLongestCell = std::size_t{1} << 20U;
constexpr std::size_t kMostCells = std::size_t{1} << 24U;
constexpr std::string_view kMark = "\xEF\xBB\xBF";  // some programs begin UTF-8 with it

std::string_view trimmed(std::string_view cell) {
  constexpr std::string_view kBlanks = " \t";
  const auto first = cell.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return cell.substr(first, cell.find_last_not_of(kBlanks) - first + 1);
}

void append_utf8(std::string& text, unsigned code) {
  const auto add = [&](unsigned byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0U | code >> 6U);
  } else {
    add(0xE0U | code >> 12U);
    add(0x80U | (code >> 6U & 0x3FU));
  }
  add(0x80U | (code & 0x3FU));
}

// Windows-1252: as Latin-1, but for 0x80 … 0x9F.
std::string from_latin(std::string_view bytes) {
  constexpr std::array<unsigned, 32> kOwn = {
      0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  std::string text;
  for (const char c : bytes) {
    const auto code = static_cast<unsigned char>(c);
    append_utf8(text, code >= 0x80 && code < 0xA0 ? kOwn[code - 0x80U] : code);
  }
  return text;
}

// About how many cells a line has; quotes do not count.
std::ptrdiff_t cell_count(std::string_view line, char separator) {
  if (separator != ' ') return std::ranges::count(line, separator) + 1;
  std::ptrdiff_t words = 0;
  bool in_word = false;
  for (const char c : line) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\r';
    words += !is_blank && !in_word ? 1 : 0;
    in_word = !is_blank;
  }
  return words;
}

// What separates most cells of a line.
char separator_of(std::string_view line) {
  constexpr std::string_view kSeparators = ",;\t|";
  const char best = *std::ranges::max_element(
      kSeparators, {}, [&](char separator) { return std::ranges::count(line, separator); });
  return std::ranges::count(line, best) > 0 ? best : ' ';
}

}  // namespace

Expected<TableReader> TableReader::open(const std::string& path) {
  std::error_code problem;
  TableReader reader;
  reader.path_ = path;
  reader.size_ = std::filesystem::file_size(path, problem);
  if (problem) return fail(tr("'{}' cannot be read: {}", path, problem.message()));
  reader.file_.open(path, std::ios::binary);
  if (!reader.file_.is_open()) {
    return fail(tr("'{}' cannot be opened: {}", path, std::strerror(errno)));
  }
  std::string begin(kMark.size(), '\0');
  reader.file_.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  if (begin.starts_with("\xFF\xFE") || begin.starts_with("\xFE\xFF")) {
    return fail(tr("'{}' is text in UTF-16; save it in UTF-8", path));
  }
  if (begin == kMark) reader.begin_ = kMark.size();
  reader.rewind();
  reader.skip_comments();
  reader.rewind();
  return reader;
}

void TableReader::skip_comments() {
  constexpr int kMostComments = 1000;
  constexpr std::size_t kLongest = std::size_t{1} << 16U;
  std::string line, comment;
  std::uint64_t comment_begin = begin_;
  for (int comments = 0; comments <= kMostComments; ++comments) {
    const std::uint64_t begin = begin_;
    line.clear();
    for (char c = 0; line.size() < kLongest && file_.get(c) && c != '\n';) line += c;
    if (!line.starts_with('#') || line.size() == kLongest || !file_) break;
    comment = line;
    comment_begin = begin;
    begin_ += line.size() + 1;
    ++begin_line_;
  }
  if (comment.empty()) return;
  // `line` is the first row, or cut short.
  const char separator = separator_of(line);
  const auto name = comment.find_first_not_of(" \t", 1);
  if (name == std::string::npos || cell_count(std::string_view(comment).substr(name), separator) !=
                                       cell_count(line, separator)) {
    return;
  }
  // A column may be called #, too.
  begin_ = comment_begin + (separator != ' ' && comment[name] == separator ? 0 : name);
  --begin_line_;
}

void TableReader::rewind() {
  place_ = begin_;
  file_.clear();
  file_.seekg(static_cast<std::streamoff>(place_));
  line_ = begin_line_ - 1;
  next_line_ = begin_line_;
}

double TableReader::share() const {
  return size_ == 0 ? 1 : std::min(1.0, static_cast<double>(place_) / static_cast<double>(size_));
}

Expected<bool> TableReader::next(std::vector<std::string>& cells, char separator) {
  const auto more = next_bytes(cells, separator);
  if (!more || !*more) return more;
  for (std::string& cell : cells) {
    if (is_utf8(cell)) continue;
    cell = from_latin(cell);
    is_latin_ = true;
  }
  return true;
}

Expected<bool> TableReader::next_bytes(std::vector<std::string>& cells, char separator) {
  using Traits = std::char_traits<char>;
  std::streambuf& bytes = *file_.rdbuf();
  std::size_t count = 0;  // cells are used again, so that rows take no new memory
  const auto add_cell = [&]() -> std::string& {
    if (count == cells.size()) cells.emplace_back();
    cells[count].clear();
    return cells[count++];
  };
  std::string* cell = &add_cell();
  bool quoted = false, was_quoted = false, any = false;
  line_ = next_line_;
  for (;;) {
    const auto got = bytes.sbumpc();
    if (Traits::eq_int_type(got, Traits::eof())) {
      if (quoted) {
        return fail(tr("'{}': a quote in line {}, column {}, never closes", path_, line_, count));
      }
      if (separator == ' ' && count > 1 && cell->empty() && !was_quoted) --count;
      cells.resize(count);
      return any;
    }
    ++place_;
    const char c = Traits::to_char_type(got);
    if (c == '\0') {
      return fail(tr("'{}' is no table: line {} holds a zero byte", path_, next_line_));
    }
    if (c == '\n') ++next_line_;
    if (quoted) {
      if (c == '"') {
        quoted = false;
        continue;
      }
    } else if (c == '"' && (cell->empty() || was_quoted)) {
      if (was_quoted) *cell += '"';  // "" within quotes
      quoted = was_quoted = any = true;
      continue;
    } else if (separator == ' ' && (c == ' ' || c == '\t') && cell->empty() && !was_quoted) {
      continue;  // several blanks stand for one, and those before a row for none
    } else if (c == separator || (separator == ' ' && c == '\t')) {
      if (count == kMostCells) {
        return fail(tr("'{}': line {} has more than {} columns", path_, line_, kMostCells));
      }
      cell = &add_cell();
      was_quoted = false;
      any = true;
      continue;
    } else if (c == '\n') {
      if (!cell->empty() && cell->back() == '\r' && !was_quoted) cell->pop_back();
      if (separator == ' ' && count > 1 && cell->empty() && !was_quoted) --count;
      if (any && !(count == 1 && trimmed(*cell).empty())) {
        cells.resize(count);
        return true;
      }
      cell->clear();  // an empty line
      any = was_quoted = false;
      line_ = next_line_;
      continue;
    } else if (c == '\r' && was_quoted) {
      continue;
    }
    any = true;
    *cell += c;
    if (cell->size() > kLongestCell) {
      return fail(tr("'{}': line {}, column {} is longer than {} bytes", path_, line_, count,
                     kLongestCell));
    }
  }
}

std::optional<double> number_in(std::string_view cell, bool decimal_comma) {
  cell = trimmed(cell);
  if (cell.starts_with('+')) cell.remove_prefix(1);
  std::string with_point;
  if (decimal_comma) {
    const auto comma = cell.find(',');
    if (comma != std::string_view::npos) {
      with_point = cell;
      with_point[comma] = '.';
      cell = with_point;
    }
  }
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto [rest, problem] = std::from_chars(cell.data(), end, value);
  if (cell.empty() || rest != end || problem == std::errc::invalid_argument) return std::nullopt;
  if (problem == std::errc::result_out_of_range) {  // too small for a double, or too large
    const bool is_small =
        cell.find("e-") != std::string_view::npos || cell.find("E-") != std::string_view::npos;
    return is_small ? 0 : std::numeric_limits<double>::infinity();
  }
  return value;
}

bool is_header(const std::vector<std::string>& first, const std::vector<std::string>& second,
               const TableForm& form) {
  bool has_word = false;
  std::vector<double> numbers;
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i) {
    if (!number_in(second[i], form.decimal_comma)) continue;
    if (const auto number = number_in(first[i], form.decimal_comma)) {
      numbers.push_back(*number);
    } else {
      has_word = true;
    }
  }
  const auto counts_from = [&](double begin) {
    return std::ranges::all_of(numbers, [&](double number) { return number == begin++; });
  };
  // pandas names columns 0, 1, 2 … where nobody else does.
  if (has_word) return counts_from(0) || counts_from(1);
  constexpr std::size_t kTelling = 3;
  return numbers.size() >= kTelling && counts_from(0);
}

namespace {

constexpr int kRows = 20;  // that tell a table's form

// Text has blanks too ("class 1"): here a row has two numbers or more and one word at most, but for
// a header.
std::optional<TableForm> form_with_blanks(TableReader& reader) {
  reader.rewind();
  std::vector<std::string> cells;
  std::size_t columns = 0;
  int rows = 0;
  for (; rows < kRows; ++rows) {
    const auto more = reader.next(cells, ' ');
    if (!more) return std::nullopt;
    if (!*more) break;
    if (rows == 0) columns = cells.size();
    const auto numbers = std::ranges::count_if(
        cells, [](const std::string& cell) { return number_in(cell, false).has_value(); });
    const bool is_text = numbers < 2 || std::ssize(cells) - numbers > 1;
    if (cells.size() != columns || (rows > 0 && is_text)) return std::nullopt;
  }
  return rows < 2 ? std::nullopt : std::optional(TableForm{.separator = ' '});
}

}  // namespace

std::optional<TableForm> form_of_table(const std::string& path) {
  auto reader = TableReader::open(path);
  if (!reader) return std::nullopt;
  std::optional<TableForm> best;
  std::size_t most = 1;
  std::vector<std::string> cells;
  for (const char separator : {',', ';', '\t', '|'}) {
    reader->rewind();
    std::size_t columns = 0, fewest = 0;
    int agreeing = 0;
    int commas = 0, points = 0, rows = 0;
    for (; rows < kRows; ++rows) {
      const auto more = reader->next(cells, separator);
      if (!more || !*more) break;  // reading all of it says what is wrong
      if (rows == 0) columns = fewest = cells.size();
      agreeing += cells.size() == columns ? 1 : 0;
      fewest = std::min(fewest, cells.size());
      for (const std::string& cell : cells) {
        if (number_in(cell, false)) {
          points += cell.find('.') != std::string::npos ? 1 : 0;
        } else if (number_in(cell, true)) {
          ++commas;
        }
      }
    }
    if (2 * agreeing < rows) columns = fewest;  // a few rows that differ are a mistake in them
    // A decimal comma would also separate: of two separators the rarer one is meant.
    const bool better = columns > most || (columns > 1 && best && best->separator == ',' &&
                                           commas > points && separator != ',');
    if (rows == 0 || columns < 2 || !better) continue;
    most = columns;
    best = TableForm{separator, separator != ',' && commas > points};
  }
  return best ? best : form_with_blanks(*reader);
}

}  // namespace zscape
