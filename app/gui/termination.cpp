#include "app/gui/termination.h"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction() is POSIX
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <utility>

#include "app/files/signals.h"

namespace zscape {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
constexpr std::uint64_t kSignalCame = 1;
constexpr std::uint64_t kOver = std::uint64_t{1} << 32;

int events = -1;  // a signal handler may do little more than write

void tell(std::uint64_t what) {
  const auto written = write(events, &what, sizeof what);
  static_cast<void>(written);  // there is nobody to tell
}

extern "C" void on_termination(int) {
  tell(kSignalCame);
}

}  // namespace

TerminationWatch::TerminationWatch(std::function<void()> wake) {
  events = eventfd(0, EFD_CLOEXEC);
  if (events < 0) return;  // signals then end the process, as they do without a watch
  thread_ = std::thread([this, wake = std::move(wake)] { wait(wake); });
  for (const int number : kSignals) handle_signal(number, on_termination, /*once=*/true);
}

TerminationWatch::~TerminationWatch() {
  if (events < 0) return;
  for (const int number : kSignals) {
    struct sigaction action {};
    if (sigaction(number, nullptr, &action) != 0 || action.sa_handler != on_termination) continue;
    action = {};
    action.sa_handler = SIG_DFL;
    sigaction(number, &action, nullptr);
  }
  tell(kOver);
  thread_.join();
  close(events);
  events = -1;
}

void TerminationWatch::wait(const std::function<void()>& wake) {
  std::uint64_t sum = 0;
  while (read(events, &sum, sizeof sum) == sizeof sum && sum < kOver) {
    requested_ = true;
    wake();
  }
}

}  // namespace zscape
