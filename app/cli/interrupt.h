#pragma once

#include "app/cli/outcome.h"

namespace zscape {

// After this call the first Ctrl-C asks the command to finish cleanly; the second ends the process
// at once.
void watch_for_interrupt();

// Whether Ctrl-C was pressed.
bool interrupted();

// How a command ends after this error of engine work: interrupted by Ctrl-C, or failed.
tl::unexpected<Failure> ended_by(const Error& error);

}  // namespace zscape
