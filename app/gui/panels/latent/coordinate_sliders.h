#pragma once

#include "app/gui/panels/latent/latent_draw.h"

namespace zscape {

// The column beside the plot with a slider for each coordinate that the plot does not show; in
// three dimensions, where no place can be pointed at, for all of them. They move the z through
// which the plane leads.

// Whether it has room beside the plot (LatentPanelState::room for both), whether it is open, and
// how wide it then is, else 0.
bool coordinate_sliders_fit(const LatentDraw& draw);
bool coordinate_sliders_open(const LatentDraw& draw);
float coordinate_sliders_width(const LatentDraw& draw);

void draw_coordinate_sliders(const LatentDraw& draw, ImVec2 size);

}  // namespace zscape
