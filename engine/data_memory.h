#pragma once

#include <cstdint>
#include <string>

#include "engine/data_request.h"
#include "engine/error.h"

namespace zscape {

// How much of the inputs may lie in memory, in GB (2^30 bytes): half of what this process may have.
double usual_data_memory();

// The same for a request, in bytes. Inputs that take more are mapped (docs/DESIGN.md).
std::uint64_t data_memory(const DataRequest& request);

// Refuses numbers that can only be read as a whole where this machine's memory cannot hold them.
Expected<void> check_fits_memory(const std::string& path, std::uint64_t bytes);

}  // namespace zscape
