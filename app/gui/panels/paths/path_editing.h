#pragma once

#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/panels/paths/path_overlay.h"

namespace zscape {

// Begins a drag where a press in the plot hits a path: it takes hold of a control point or, with
// Ctrl or by a double-click, adds one to the path's line. Returns whether a drag began.
bool begin_path_drag(Scene& scene, LatentPanelState& state, const Theme& theme);

// Moves the dragged control point to an input or a free place; screen: where that is.
void drag_point(Scene& scene, const LatentPanelState& state, ControlPoint to, Vec2 screen);

// Puts the dragged control point back; false: none is dragged.
bool cancel_point_drag(Scene& scene, LatentPanelState& state);

// What the pointer is on, to highlight it; nothing while something else is dragged.
PathHit path_hit_under_pointer(const Scene& scene, const LatentPanelState& state,
                               const Theme& theme);

// The items of the plot's context menu for the mark it was opened on.
void draw_mark_menu(Scene& scene, LatentPanelState& state, const PanelFrame& frame);

}  // namespace zscape
