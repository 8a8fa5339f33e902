#pragma once

#include "app/gui/panels/latent/latent_draw.h"

namespace zscape {

// A card beside the point under the pointer: its input's picture and reconstruction, label, losses
// and μ ± σ. The input is noted in LatentPanelState::card_input, so that its reconstruction is
// decoded. The card is drawn into the plot and takes no click.
void draw_input_card(const LatentDraw& draw, ImDrawList& list);

}  // namespace zscape
