#pragma once

#include <string>

#include "engine/training/loop.h"

namespace zscape {

// What `zscape train` prints of an epoch, as a line of JSON.
std::string to_json_line(const EpochMeasured& epoch);

// The same for people, in columns under epoch_table_header().
std::string epoch_table_header(bool has_validation);
std::string to_table_row(const EpochMeasured& epoch);

}  // namespace zscape
