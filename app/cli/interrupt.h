#pragma once

#include "app/cli/outcome.h"
#include "engine/progress.h"

namespace zscape {

// From now on the first Ctrl-C asks the command to end in good order; a second one ends the
// process at once.
void watch_for_interrupt();

// Whether Ctrl-C was pressed.
bool interrupted();

// A progress that shows nothing and stops the work after Ctrl-C.
Progress until_interrupted();

// The end of a command whose engine work returned this error: cancelled (by Ctrl-C), or failed.
tl::unexpected<Failure> ended_by(const Error& error);

}  // namespace zscape
