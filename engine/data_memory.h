#pragma once

#include <cstdint>

#include "engine/data_request.h"

namespace zscape {

// How much of the inputs may lie in memory, in GB (2^30 bytes): half of what this process may have.
double usual_data_memory();

// The same for a request, in bytes. Inputs that take more are mapped (docs/DESIGN.md).
std::uint64_t data_memory(const DataRequest& request);

}  // namespace zscape
