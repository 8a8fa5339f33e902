#pragma once

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/command.h"
#include "engine/error.h"

namespace zscape {

// What happened in the window, as JSON lines: {"event":"pin","time":3.2,"step":410,…}, flushed one
// by one. Without a file it writes nothing. Used on the window's thread only.
class EventLog {
 public:
  using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<double>>;
  using Field = std::pair<std::string_view, Value>;

  EventLog() = default;                                     // writes nothing
  static Expected<EventLog> open(const std::string& path);  // replaces what is there

  // time_s: seconds since the program started. Numbers that are not finite become null.
  void write(std::string_view event, double time_s, std::int64_t step,
             std::initializer_list<Field> fields = {});

  // The pane of the next lines; 0, the first, is not mentioned.
  void set_pane(int pane) { pane_ = pane; }

  // {"event":"command","command":"set_kl_weight","kl_weight":20,…}
  void write_command(const Command& command, double time_s, std::int64_t step);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  int pane_ = 0;
};

}  // namespace zscape
