#pragma once

#include <string>
#include <vector>

#include "engine/data/formats.h"

namespace zscape {

// What a source holds besides the data that this format takes from it: data of another format, and
// compressed files whose contents are not those of the plain ones beside them. A sentence for each.
std::vector<std::string> left_out_of(const std::string& source, const DataFormat& format);

}  // namespace zscape
