#pragma once

#include <span>
#include <string>

#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// Writes successive pictures, [n ≥ 1, d] in [0, 1]: an animation if the name ends in .gif, else a
// PNG with all of them side by side.
Expected<void> write_walk(const std::string& path, std::span<const float> pictures,
                          const ImageShape& shape);

}  // namespace zscape
