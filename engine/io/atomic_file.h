#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/error.h"

namespace zscape {

// Writes a file completely or not at all: under a temporary name beside its place, synced, then
// renamed. Replaces a regular file and keeps its permissions; refuses anything else at that path.
// After a failure the old file is unchanged and no temporary file is left; those that killed
// processes left in the folder are removed. Any thread.
Expected<void> write_file_atomically(const std::string& path, std::span<const std::byte> bytes);

// Whether write_file_atomically could write there: ask before long work. Leaves nothing behind.
Expected<void> check_can_write(const std::string& path);

}  // namespace zscape
