#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"

// Tables of text: comma-separated values (RFC 4180) and their relatives.
namespace zscape {

// How the cells of a table are written.
struct TableForm {
  char separator = ',';        // , ; tab | or a blank, which stands for blanks and tabs
  bool decimal_comma = false;  // 1,5 is one and a half
};

// Reads a table row by row. A quoted cell may hold separators, line ends and doubled quotes. Empty
// lines are skipped. One thread.
class TableReader {
 public:
  // Refuses what cannot be opened, and UTF-16. Lines of comments (#) at the begin do not count, but
  // for the last of them where it names the columns, as numpy.savetxt writes a header.
  static Expected<TableReader> open(const std::string& path);

  // The cells of the next row in UTF-8; false: the table ends. Refuses a quote that never closes,
  // zero bytes and rows beyond the limits.
  Expected<bool> next(std::vector<std::string>& cells, char separator);
  void rewind();

  // Whether a cell was no UTF-8 and was read as Windows-1252, which Excel writes in Western Europe.
  bool is_latin() const { return is_latin_; }

  std::int64_t line() const { return line_; }  // of the row that was read last, from 1
  double share() const;                        // of the file that was read, in [0, 1]

 private:
  TableReader() = default;
  void skip_comments();
  Expected<bool> next_bytes(std::vector<std::string>& cells, char separator);

  std::string path_;
  std::ifstream file_;
  std::uint64_t size_ = 0;
  std::uint64_t begin_ = 0;      // of the first row
  std::int64_t begin_line_ = 1;  // its number
  std::uint64_t place_ = 0;
  std::int64_t line_ = 0;       // of the present row
  std::int64_t next_line_ = 1;  // of the next one
  bool is_latin_ = false;
};

// The number that a cell spells; nothing: it spells none. NaN and infinity are numbers here.
std::optional<double> number_in(std::string_view cell, bool decimal_comma);

// Whether the first row is a header: it has a word where the second has a number, and no number
// there but those that count the columns, or it counts three columns or more from 0.
bool is_header(const std::vector<std::string>& first, const std::vector<std::string>& second,
               const TableForm& form);

// The form that the first rows of a table have; nothing: they are no table of two columns or more.
std::optional<TableForm> form_of_table(const std::string& path);

}  // namespace zscape
