#pragma once

#include <imgui.h>

namespace zscape {

// The colour of a position in [0, 1], clamped: viridis (Smith and van der Walt, matplotlib) without
// its darkest part, which is hard to see on the background.
ImU32 map_color(float position);

}  // namespace zscape
