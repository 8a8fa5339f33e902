#pragma once

#include "app/gui/panels/latent/latent_draw.h"

namespace zscape {

// Shows the input of state.nearest where the cursor is on its point. Otherwise, with more
// dimensions than the plot shows, it shows the input whose code is nearest to z in all of them.
// place: the cursor's.
void show_nearest_input(const LatentDraw& draw, Vec2 place, bool on_point);

// The place under the pointer, the nearest point and a path being drawn; and hints.
void draw_latent_hover(const LatentDraw& draw, ImDrawList& list);
void draw_latent_hint(const LatentDraw& draw, ImDrawList& list);

}  // namespace zscape
