#pragma once

#include <vector>

#include "engine/training/parameters.h"

namespace zscape {

// The rows of the table of parameters that say which data a run learns from, and how these are
// read.
std::vector<Parameter> data_parameters();

}  // namespace zscape
