#include "app/cli/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>

#include "app/cli/interrupt.h"
#include "engine/dataset.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kRedrawInterval_s = 0.1;
constexpr int kWidestBar = 30;

double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Console standard_console() {
  int columns = 0;
  if (isatty(STDERR_FILENO) != 0) {
    winsize size{};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    columns = known ? size.ws_col : 80;
  }
  return {std::cout, std::cerr, columns};
}

void print_notes(const Dataset& data, Console& console) {
  for (const auto* notes : {&data.assumed, &data.left_out}) {
    for (const std::string& note : *notes) {
      console.err << tr("note: {}: {}", data.name, note) << std::endl;
    }
  }
}

std::string grouped(std::int64_t value) {
  std::string text = fmt::format("{}", value);
  const int first_digit = value < 0 ? 1 : 0;
  for (int place = static_cast<int>(text.size()) - 3; place > first_digit; place -= 3) {
    text.insert(static_cast<std::size_t>(place), 1, ',');
  }
  return text;
}

std::string epochs_text(std::int64_t count) {
  return count == 1 ? std::string(tr("1 epoch")) : tr("{} epochs", count);
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

bool ProgressLine::is_due() const {
  return is_terminal() && (!shown_ || now_s() - shown_at_s_ >= kRedrawInterval_s);
}

void ProgressLine::show(std::string_view before, double fraction, std::string_view after) {
  if (!is_due()) return;
  // One column stays free: some terminals wrap at the last one.
  const int room = console_.columns - 3 - static_cast<int>(before.size() + after.size());
  const int width = std::clamp(room, 0, kWidestBar);
  const int done = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * width);
  std::string text(before);
  if (width > 0) text += ' ';
  for (int i = 0; i < width; ++i) text += i < done ? "█" : "░";
  if (!after.empty()) text += ' ';
  text += after;
  if (room < 0) text.resize(std::min(text.size(), static_cast<std::size_t>(console_.columns - 1)));
  console_.err << '\r' << text << "\x1b[K" << std::flush;
  shown_ = true;
  shown_at_s_ = now_s();
}

void ProgressLine::plain_line(std::string_view text) {
  if (!is_terminal()) console_.err << text << std::endl;
}

void ProgressLine::clear() {
  if (!shown_) return;
  console_.err << "\r\x1b[K" << std::flush;
  shown_ = false;
}

Progress ProgressLine::progress(std::string title) {
  plain_line(title);
  return [this, title = std::move(title)](double fraction) {
    if (is_due()) show(title, fraction, fmt::format("{:.0f} %", 100 * fraction));
    return !interrupted();
  };
}

}  // namespace zscape
