#pragma once

#include <optional>
#include <string>

#include "engine/error.h"

namespace zscape {

// The small JSON files (a few kilobytes) that the window keeps for its user; used on the window's
// thread.
std::optional<std::string> read_text(const std::string& path);  // none: it cannot be read

// Whole or not at all; makes the folder where it is missing.
Expected<void> write_text(const std::string& path, const std::string& text);

// Renames a broken file to path.broken (or .broken2, …), so that it is not lost. Says in a
// clause of its own what was done.
std::string set_aside(const std::string& path);

}  // namespace zscape
