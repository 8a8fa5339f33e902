#pragma once

#include "app/gui/panels/latent/latent_draw.h"

namespace zscape {

// Shows the input of state.nearest, on whose point the cursor is, or else, with more dimensions
// than are seen, of the code that is nearest to z in all of them. place: the cursor's.
void show_nearest_input(const LatentDraw& draw, Vec2 place, bool on_point);

// What is under the pointer: its place and the nearest point; a path in hand; hints.
void draw_latent_hover(const LatentDraw& draw, ImDrawList& list);
void draw_latent_hint(const LatentDraw& draw, ImDrawList& list);

}  // namespace zscape
