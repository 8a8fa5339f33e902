#pragma once

#include "app/gui/panels/latent/latent_draw.h"

namespace zscape {

// Beside a point that the pointer means: its input's picture and reconstruction, label, losses and
// μ ± σ. Notes the input in LatentPanelState::card_input, so that its reconstruction is decoded.
// Drawn into the plot, so that it takes no click.
void draw_input_card(const LatentDraw& draw, ImDrawList& list);

}  // namespace zscape
