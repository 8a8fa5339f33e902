#pragma once

#include <imgui_internal.h>

#include "app/gui/view/latent/latent_view.h"

namespace zscape {

// Where a drag is: at the pointer or, where the window has lost it (minimised, without the focus),
// at the last place that it had.
inline Vec2 drag_pointer() {
  return ImGui::IsMousePosValid() ? ImGui::GetMousePos()
                                  : ImGui::GetCurrentContext()->MouseLastValidPos;
}

}  // namespace zscape
