#pragma once

#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/panels/paths/path_overlay.h"

namespace zscape {

// What a press in the plot does to paths: it takes hold of a control point, or, with Ctrl or as the
// second of a double-click, adds one to a path's line. True: the drag is under way.
bool begin_path_drag(Scene& scene, LatentPanelState& state, const Theme& theme);

// Moves the control point in hand. to: what is meant there, an input or a free place; screen: where
// that is.
void drag_point(Scene& scene, const LatentPanelState& state, ControlPoint to, Vec2 screen);

// Puts the control point in hand back; false: there is none.
bool cancel_point_drag(Scene& scene, LatentPanelState& state);

// What the pointer is on, to be drawn so; nothing while something else is dragged.
PathHit path_hit_under_pointer(const Scene& scene, const LatentPanelState& state,
                               const Theme& theme);

// The items of the plot's context menu that belong to the mark it was opened on.
void draw_mark_menu(Scene& scene, LatentPanelState& state, const PanelFrame& frame);

}  // namespace zscape
