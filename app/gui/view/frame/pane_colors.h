#pragma once

#include <imgui.h>

#include <cstddef>

namespace zscape {

inline constexpr std::size_t kPaneColors = 3;  // then they repeat

// The colour of one of several models in headers, curves and figures, by its id, in the present
// theme. The first is the accent.
ImU32 pane_color(std::size_t model);

}  // namespace zscape
