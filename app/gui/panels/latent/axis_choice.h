#pragma once

#include <string>

#include "app/gui/panels/latent/latent_draw.h"

namespace zscape {

// The choice of the coordinates on show, and a coordinate's name: "z3", "PC 1 · 34.2 %".
void draw_axis_choice(const LatentDraw& draw);
std::string axis_title(const Scene& scene, int coordinate);
void draw_axis_names(const LatentDraw& draw, ImDrawList& list);  // at the plane's edges

}  // namespace zscape
