#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/io/png.h"

namespace zscape {

// The bytes of an animated GIF that runs for ever. frames: one or more of one size, up to 65,535 a
// side, all grey (kept exactly) or all RGB (kept exactly where a frame has up to 256 colours, else
// brought to 256). delay_ms: for which each is shown; the format counts in 10 ms, which
// it is rounded to, 20 ms at the least, since viewers take less for a mistake.
Expected<std::vector<std::byte>> gif_bytes(std::span<const Picture> frames, int delay_ms);

// Writes them as a file, whole or not at all.
Expected<void> write_gif(const std::string& path, std::span<const Picture> frames, int delay_ms);

}  // namespace zscape
