#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "engine/error.h"

namespace zscape {

// Refuses a path that ends as another type of file does: ending is ".png". Takes capitals, and
// names without an ending or with a number there.
Expected<void> check_ending(const std::string& path, std::string_view ending);

// ".png" of "a/b.PNG"; empty without one.
std::string ending_of(const std::string& path);

// Writes a file completely or not at all: under a temporary name beside its place, synced, then
// renamed. Replaces a regular file and keeps its permissions; refuses anything else at that path.
// After a failure the old file is unchanged and no temporary file is left; those that killed
// processes left in the folder are removed. Any thread.
Expected<void> write_file_atomically(const std::string& path, std::span<const std::byte> bytes);

// Whether write_file_atomically could write there: ask before long work. Leaves nothing behind.
Expected<void> check_can_write(const std::string& path);

}  // namespace zscape
