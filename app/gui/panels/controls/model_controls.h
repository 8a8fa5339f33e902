#pragma once

#include "app/gui/panels/controls/controls.h"

namespace zscape {

// The section that defines the model: kind, sizes, loss, Apply.
void draw_model_controls(Controls& controls);

}  // namespace zscape
