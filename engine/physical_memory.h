#pragma once

#include <cstdint>
#include <string>

namespace zscape {

// What this process may have: all of this machine's, or as much as its control group allows, in
// bytes; 0: unknown.
std::uint64_t physical_memory();

// The least limit of a process's control groups, of the first or the second version, in bytes;
// 0: none. root: where /proc and /sys lie ("" but in tests).
std::uint64_t group_memory(const std::string& root);

}  // namespace zscape
