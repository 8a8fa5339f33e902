#pragma once

#include <imgui.h>

#include <string>

#include "app/gui/panels/latent/latent_panel.h"

namespace zscape {

// Everything that is drawn over the points of the latent view; each draws into the window's list.
// All of them expect a clip rectangle around the plot.

// on_pictures: its numbers get a ground of their own.
void draw_grid(ImDrawList& list, const LatentView& view, const Theme& theme, bool on_pictures);

// The 1, 2, 3 σ contours of the prior, N(0, I), in the plane; in one dimension two lines each.
void draw_prior(ImDrawList& list, const LatentView& view, const Theme& theme, bool one_dimension);

// Numbered marks with their decoded pictures and the names that a person gave them.
void draw_pins(ImDrawList& list, const LatentView& view, const Theme& theme, const Scene& scene,
               const Pictures& pictures);

// A ring at a place; strong where a click would take it.
void draw_ring(ImDrawList& list, const Theme& theme, Vec2 place, ImU32 rgba, bool strong);

// Text on a dark ground with its upper left corner there, moved into the plot where it sticks out.
void draw_label(ImDrawList& list, const LatentView& view, const Theme& theme, Vec2 place,
                const std::string& text, ImU32 rgba);

// Which pin lies under a place on the screen: an id, or 0.
int pin_at(const Scene& scene, const LatentView& view, Vec2 screen, float reach);

// A picture of the sheet in this box.
void draw_picture(ImDrawList& list, const Pictures& pictures, PictureSlot slot, ImVec2 low,
                  ImVec2 high);

}  // namespace zscape
