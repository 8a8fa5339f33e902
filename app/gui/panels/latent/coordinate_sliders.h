#pragma once

#include "app/gui/panels/latent/latent_draw.h"

namespace zscape {

// The column beside the plot with a slider for each coordinate that the plot does not show. In
// three dimensions, where one can point at codes only, it has all coordinates. The sliders move the
// z that the plane passes through.

// Whether the column fits beside the plot (LatentPanelState::room is for both), whether it is open,
// and its width; 0 while closed.
bool coordinate_sliders_fit(const LatentDraw& draw);
bool coordinate_sliders_open(const LatentDraw& draw);
float coordinate_sliders_width(const LatentDraw& draw);

void draw_coordinate_sliders(const LatentDraw& draw, ImVec2 size);

}  // namespace zscape
