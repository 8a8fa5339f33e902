#include "app/cli/interrupt.h"

#include <csignal>

#include "engine/text.h"

namespace zscape {
namespace {

volatile std::sig_atomic_t was_interrupted = 0;

extern "C" void on_interrupt(int) {
  was_interrupted = 1;
}

}  // namespace

void watch_for_interrupt() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGINT, &action, nullptr);
}

bool interrupted() {
  return was_interrupted != 0;
}

tl::unexpected<Failure> ended_by(const Error& error) {
  if (error.code == ErrorCode::cancelled) {
    return tl::unexpected(Failure{ExitCode::interrupted, tr("interrupted")});
  }
  return failed(error.message);
}

}  // namespace zscape
