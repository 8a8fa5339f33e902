#pragma once

#include <string>

#include "engine/training/loop.h"

namespace zscape {

// An epoch of `zscape train` as a line of JSON.
std::string to_json_line(const EpochMeasured& epoch);

// An epoch as a row of a table for people, under epoch_table_header().
std::string epoch_table_header(bool has_validation);
std::string to_table_row(const EpochMeasured& epoch);

}  // namespace zscape
