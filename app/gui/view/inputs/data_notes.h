#pragma once

#include <string>

#include "engine/dataset.h"

namespace zscape {

// A sentence that names options of the command line, with the names of their controls instead. One
// without such an option is unchanged.
std::string with_controls_named(const std::string& sentence);

// "age, site": the columns of metadata; empty: there are none.
std::string metadata_names(const Dataset& data);

}  // namespace zscape
