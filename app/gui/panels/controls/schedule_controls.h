#pragma once

#include <string>

#include "app/gui/panels/controls/controls.h"

namespace zscape {

// The course of λ over a run: the choice itself, of this width, and the details of one that is not
// constant.
void draw_schedule_choice(Controls& controls, float width, const std::string& why_not);
void draw_schedule(Controls& controls);

// Rows held out of training, and patience.
void draw_hold_out(Controls& controls);

}  // namespace zscape
