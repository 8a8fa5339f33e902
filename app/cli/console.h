#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "engine/progress.h"

namespace zscape {

// Where a command writes: results to out, progress and errors to err.
struct Console {
  std::ostream& out;
  std::ostream& err;
  int columns = 0;  // of the terminal that err is; 0: err is a file or a pipe
};

// The process's own streams.
Console standard_console();

// "12,345"; the same in every locale.
std::string grouped(std::int64_t value);

// "1:05" or "2:03:04".
std::string duration_text(double seconds);

// Shows how work goes on. On a terminal one line that is written over, a few times a second; on
// anything else nothing but whole lines. Takes its line away at the end.
class ProgressLine {
 public:
  explicit ProgressLine(Console& console) : console_(console) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool is_terminal() const { return console_.columns > 0; }

  // True where show() would draw now: saves the caller the making of the text.
  bool is_due() const;

  // "before ████░░░░ after", as wide as fits; fraction in [0, 1]. Nothing unless on a terminal.
  void show(std::string_view before, double fraction, std::string_view after);

  // One whole line on the error stream where it is no terminal.
  void plain_line(std::string_view text);

  void clear();

  // A progress for engine work under this title, which Ctrl-C stops.
  Progress progress(std::string title);

 private:
  Console& console_;
  bool shown_ = false;
  double shown_at_s_ = 0;
};

}  // namespace zscape
