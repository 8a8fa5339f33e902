#pragma once

#include <imgui.h>

#include "app/gui/panels/latent/latent_panel.h"

namespace zscape {

// The part of a path under a place on the screen.
struct PathHit {
  int path = 0;         // id; 0: nothing
  int point = -1;       // its control point; −1: its line
  double position = 0;  // along the path, in [0, 1]; for the line only

  bool is_line() const { return path != 0 && point < 0; }
};

// Prefers a control point to a line, and the selected path to others.
PathHit path_hit_at(const Scene& scene, const LatentView& view, Vec2 screen, const Theme& theme);

// Lines, frames, control points and names, and the picture at the played position of the selected
// path. under: what the pointer is on.
void draw_paths(ImDrawList& list, const LatentView& view, const Theme& theme, const Scene& scene,
                const Pictures& pictures, const PathHit& under, WidgetMap& widgets);

// The path being drawn, from its beginning to the pointer.
void draw_path_in_hand(ImDrawList& list, const Theme& theme, Vec2 from, Vec2 to);

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
