#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/io/png.h"

namespace zscape {

// The bytes of an animated GIF that repeats for ever. frames: one or more of one size, up to 65,535
// a side, all grey or all RGB. Colours are exact unless an RGB frame has more than 256. delay_ms:
// how long each frame is shown, rounded to 10 ms; at least 20 ms, since viewers ignore less.
Expected<std::vector<std::byte>> gif_bytes(std::span<const Picture> frames, int delay_ms);

// Writes them to a file, completely or not at all.
Expected<void> write_gif(const std::string& path, std::span<const Picture> frames, int delay_ms);

// Writes successive pictures, [n ≥ 1, d] in [0, 1]: an animation if the name ends in .gif, else a
// PNG with all of them side by side.
Expected<void> write_walk(const std::string& path, std::span<const float> pictures,
                          const ImageShape& shape);

}  // namespace zscape
