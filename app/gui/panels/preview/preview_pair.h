#pragma once

#include "app/gui/panels/preview/preview_panel.h"

namespace zscape {

// The cursor's pictures of two models side by side, each under its model's name, and how the two
// are linked.
void draw_preview_pair(const PreviewPanelState& state, const PanelFrame& frame);

}  // namespace zscape
