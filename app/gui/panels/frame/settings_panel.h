#pragma once

#include "app/gui/view/frame/theme.h"

namespace zscape {

// The popup in which a person chooses how the window looks. Opened by open_settings() in the same
// Dear ImGui frame; frame.rect: the status line, above whose right end it stands.
void open_settings();
void draw_settings_panel(Appearance& appearance, const PanelFrame& frame);

}  // namespace zscape
