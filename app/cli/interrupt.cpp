#include "app/cli/interrupt.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "app/files/signals.h"
#include "engine/text.h"

namespace zscape {
namespace {

volatile std::sig_atomic_t came = 0;  // the signal's number

extern "C" void on_signal(int number) {
  if (came == 0) came = number;
}

// A closed connection of a download sends SIGPIPE too; libcurl reports that itself.
extern "C" void on_broken_pipe(int number) {
  std::array<pollfd, 2> streams = {{{STDOUT_FILENO, 0, 0}, {STDERR_FILENO, 0, 0}}};
  poll(streams.data(), streams.size(), 0);
  for (const pollfd& stream : streams) {
    if (came == 0 && (stream.revents & POLLERR) != 0) came = number;
  }
}

}  // namespace

void watch_for_interrupt() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    handle_signal(number, on_signal, /*once=*/true);
  }
  // What is written on the way to the end may send it again.
  handle_signal(SIGPIPE, on_broken_pipe, /*once=*/false);
}

bool interrupted() {
  return came != 0;
}

void interrupt() {
  on_signal(SIGTERM);
}

tl::unexpected<Failure> ended_by_signal() {
  const auto code = static_cast<ExitCode>(128 + came);
  return tl::unexpected(Failure{code, came == SIGPIPE ? "" : tr("interrupted")});
}

tl::unexpected<Failure> ended_by(const Error& error) {
  if (error.code == ErrorCode::cancelled) {
    return ended_by_signal();
  }
  return failed(error.message);
}

Outcome<void> outcome_of(const Expected<void>& done) {
  if (!done) return ended_by(done.error());
  return {};
}

}  // namespace zscape
