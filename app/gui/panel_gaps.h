#pragma once

#include "app/gui/layout.h"

namespace zscape {

// Software rendering pays for every pixel drawn twice: there the window is cleared to the panels'
// colour, and only the gaps between panels, with their rounded corners, are drawn. Call within a
// Dear ImGui frame, before the panels.
void draw_gaps(const Layout& layout, Vec2 window);

}  // namespace zscape
