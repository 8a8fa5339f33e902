#include "app/files/signals.h"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction() is POSIX

namespace zscape {

void handle_signal(int number, void (*handler)(int), bool once) {
  struct sigaction action {};
  if (sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART | (once ? static_cast<int>(SA_RESETHAND) : 0);
  sigaction(number, &action, nullptr);
}

}  // namespace zscape
