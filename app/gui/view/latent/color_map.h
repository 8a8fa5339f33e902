#pragma once

#include <imgui.h>

namespace zscape {

// The colour of a value, position in [0, 1] (held beyond) from low to high: viridis (Smith and van
// der Walt, matplotlib), perceptually uniform and safe under colour blindness, without its darkest
// part, which would sink into the ground.
ImU32 map_color(float position);

}  // namespace zscape
