#pragma once

#include <string>

#include "engine/curves.h"

namespace zscape {

// The curves as comma-separated values with a line of names: the columns of `train --json`, then
// the validation loss and the figures of the test sample. One row for each step with a measurement;
// a field without one is empty. Numbers ignore the locale.
std::string to_csv(const Curves& curves);

}  // namespace zscape
