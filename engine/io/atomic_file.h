#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/error.h"

namespace zscape {

// Puts a file with these bytes at path, whole or not at all: written beside its place under a
// temporary name, synced, renamed, the folder synced. Replaces a regular file and keeps its
// permissions; refuses anything else that stands there. After a failure the old file is untouched
// and no temporary is left. Any thread.
Expected<void> write_file_atomically(const std::string& path, std::span<const std::byte> bytes);

// Whether write_file_atomically would find its place: asked before long work whose result goes
// there. Leaves nothing behind.
Expected<void> check_can_write(const std::string& path);

}  // namespace zscape
