#pragma once

#include "app/gui/view/frame/theme.h"

namespace zscape {

// The popup for the look of the window. open_settings() opens it in the same Dear ImGui frame.
// frame.rect: the status line; the popup is above its right end.
void open_settings();
void draw_settings_panel(Appearance& appearance, const PanelFrame& frame);

}  // namespace zscape
