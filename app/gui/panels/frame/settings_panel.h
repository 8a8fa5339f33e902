#pragma once

#include <span>

#include "app/gui/view/frame/theme.h"

namespace zscape {

// How much memory runs that are put away and pasts may take.
struct MemoryChoice {
  int megabytes = 0;
  std::span<const int> offered;
};

// The popup for the look of the window and its memory. open_settings() opens it in the same Dear
// ImGui frame. frame.rect: the status line; the popup is above its right end.
void open_settings();
void draw_settings_panel(Appearance& appearance, MemoryChoice& memory, const PanelFrame& frame);

}  // namespace zscape
