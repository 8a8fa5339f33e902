#pragma once

#include <string>

#include "app/gui/panels/controls/controls.h"

namespace zscape {

// The schedule of λ over a run: the choice, of this width, and the details of a schedule that is
// not constant.
void draw_schedule_choice(Controls& controls, float width, const std::string& why_not);
void draw_schedule(Controls& controls);

// The number of inputs held out of training, and the patience.
void draw_hold_out(Controls& controls);

}  // namespace zscape
