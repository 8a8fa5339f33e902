#pragma once

namespace zscape {

// Calls the handler when this signal comes, unless the process ignores it from its start on, as
// nohup makes it ignore SIGHUP: that stays so. once: the next one of its kind has its usual effect.
// Only what sigaction(2) allows may be done in the handler; interrupted system calls go on.
void handle_signal(int number, void (*handler)(int), bool once);

}  // namespace zscape
