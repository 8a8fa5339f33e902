#pragma once

#include <imgui.h>

#include "app/gui/panels/latent/latent_panel.h"

namespace zscape {

// What of a path lies under a place on the screen.
struct PathHit {
  int path = 0;         // id; 0: nothing
  int point = -1;       // its control point; −1: its line
  double position = 0;  // along the path, in [0, 1], where it is the line

  bool is_point() const { return path != 0 && point >= 0; }
  bool is_line() const { return path != 0 && point < 0; }
};

// A control point before a line, of the selected path before the others.
PathHit path_hit_at(const Scene& scene, const LatentView& view, Vec2 screen, const Theme& theme);

// Lines, frames, control points and names, and the picture where the selected path is played.
// under: what the pointer is on.
void draw_paths(ImDrawList& list, const LatentView& view, const Theme& theme, const Scene& scene,
                const Pictures& pictures, const PathHit& under, WidgetMap& widgets);

// The path being drawn, from its beginning to the pointer.
void draw_path_in_hand(ImDrawList& list, const Theme& theme, Vec2 from, Vec2 to);

}  // namespace zscape
