#pragma once

#include "app/cli/outcome.h"

namespace zscape {

// After this call the first SIGINT (Ctrl-C), SIGTERM, SIGHUP, or SIGPIPE of a standard stream asks
// the command to finish cleanly; a second Ctrl-C ends the process at once. A signal that the
// process ignores from its start on (nohup) stays ignored.
void watch_for_interrupt();

// Whether one of these signals has come.
bool interrupted();

// As if SIGTERM had come, unless another has.
void interrupt();

// How a command ends then: with 128 plus the signal's number.
tl::unexpected<Failure> ended_by_signal();

// How a command ends after this error of engine work: interrupted by a signal, or failed.
tl::unexpected<Failure> ended_by(const Error& error);
Outcome<void> outcome_of(const Expected<void>& done);

}  // namespace zscape
