#pragma once

#include "app/gui/layout.h"

namespace zscape {

// Software rendering pays for every pixel that is drawn twice. There the whole window is cleared to
// the panels' ground, which costs next to nothing, and only what lies between the panels, their
// rounded corners included, is drawn. Call within a Dear ImGui frame, before the panels.
void draw_gaps(const Layout& layout, Vec2 window);

}  // namespace zscape
