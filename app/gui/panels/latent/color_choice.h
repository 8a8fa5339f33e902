#pragma once

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/latent/coloring.h"

namespace zscape {

// The field that chooses what the colours of the points show and, for a value, the colour bar with
// its range. The next item belongs on the same line.
void draw_color_choice(const ModelSpec& spec, const Dataset& data, const Coloring& coloring,
                       ColorChoice& choice, const PanelFrame& frame);

}  // namespace zscape
