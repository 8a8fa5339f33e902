#pragma once

#include <span>
#include <string>

#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// Writes pictures that follow one another, [n ≥ 1, d] in [0, 1]: an animation where the name ends
// in .gif, else a PNG with all of them side by side.
Expected<void> write_walk(const std::string& path, std::span<const float> pictures,
                          const ImageShape& shape);

}  // namespace zscape
