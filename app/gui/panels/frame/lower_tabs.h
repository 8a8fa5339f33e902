#pragma once

#include "app/gui/view/frame/theme.h"

namespace zscape {

// What the panel below the latent view shows.
enum class LowerTab { curves, figures, selection, worst };

// The tabs in place of the panel's title. remark: something under Figures wants to be seen.
void draw_lower_tabs(const PanelFrame& frame, LowerTab& tab, bool remark);

}  // namespace zscape
