#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

#include "engine/progress.h"

namespace zscape {

struct Dataset;

// A command writes results to out, progress and errors to err.
struct Console {
  std::ostream& out;
  std::ostream& err;
  int columns = 0;  // of the terminal behind err; 0: err is a file or a pipe
};

// The process's own streams.
Console standard_console();

// "12,345"; the same in every locale.
std::string grouped(std::int64_t value);

// "1 epoch" or "12 epochs".
std::string epochs_text(std::int64_t count);

// "1:05" or "2:03:04".
std::string duration_text(double seconds);

// What loading data took for granted and left out, a line each, as progress.
void print_notes(const Dataset& data, Console& console);

// Shows progress. On a terminal it rewrites one line a few times a second and removes it at the
// end; elsewhere it prints whole lines only.
class ProgressLine {
 public:
  explicit ProgressLine(Console& console) : console_(console) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool is_terminal() const { return console_.columns > 0; }

  // Whether show() would draw now, so that the caller need not format text in vain.
  bool is_due() const;

  // Draws "before ████░░░░ after" as wide as fits, on a terminal only; fraction in [0, 1].
  void show(std::string_view before, double fraction, std::string_view after);

  // Prints a line to the error stream unless that is a terminal.
  void plain_line(std::string_view text);

  void clear();

  // Shows engine work under this title; Ctrl-C stops the work.
  Progress progress(std::string title);

 private:
  Console& console_;
  bool shown_ = false;
  double shown_at_s_ = 0;
};

}  // namespace zscape
