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

// Draws the numbers in the rest of the row. A click opens a field to type or paste a z; Enter pins
// it.
void draw_z_field(Scene& scene, ZFieldState& state, const PanelFrame& frame);

}  // namespace zscape
