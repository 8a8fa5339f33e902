#pragma once

#include "app/gui/panels/latent/latent_draw.h"

namespace zscape {

// The buttons and lists above the plot.
void draw_latent_toolbar(const LatentDraw& draw);

}  // namespace zscape
