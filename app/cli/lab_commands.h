#pragma once

#include "app/cli/subcommand.h"

namespace zscape {

// Experiments: lab.cpp, sweep.cpp, and the processes that carry out their runs (lab_worker.cpp).
extern const MakeCommand make_lab, make_sweep, make_lab_worker;

}  // namespace zscape
