#pragma once

#include <string>

#include "engine/curves.h"

namespace zscape {

// The curves as comma-separated values with a line of names: those of `train --json`, then the
// validation loss and the figures of the test sample. A row for each step at which anything was
// measured, rising; what was not measured there is left empty. Numbers ignore the locale.
std::string to_csv(const Curves& curves);

}  // namespace zscape
