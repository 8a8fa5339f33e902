#pragma once

#include <cstdint>

namespace zscape {

// Of this machine, in bytes; 0: unknown.
std::uint64_t physical_memory();

}  // namespace zscape
