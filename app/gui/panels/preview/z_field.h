#pragma once

#include <string>

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/paths/scene.h"

namespace zscape {

// The z on show, as numbers that can be copied and typed.
struct ZFieldState {
  std::string text;  // while typed
  bool opens = false;
};

// Draws the numbers in the room that is left of the row; a click opens a field in which a z is
// typed or pasted, and Enter pins it.
void draw_z_field(Scene& scene, ZFieldState& state, const PanelFrame& frame);

}  // namespace zscape
