#pragma once

#include <cstdint>
#include <string>

#include "engine/error.h"

namespace zscape {

// The small JSON files (a few kilobytes) that the window keeps for its user, and scripts; used on
// the window's thread.
inline constexpr std::uint64_t kLongestText = std::uint64_t{64} << 20;  // bytes

// The error is a clause without the path.
Expected<std::string> read_text(const std::string& path);

// Whole or not at all; makes the folder where it is missing.
Expected<void> write_text(const std::string& path, const std::string& text);

// Renames a broken file to path.broken (or .broken2, …), so that it is not lost. Says in a
// clause of its own what was done.
std::string set_aside(const std::string& path);

}  // namespace zscape
