#pragma once

#include <optional>

#include "app/gui/view/latent/latent_view.h"

namespace zscape {

// The upper left corner of a card beside a place in the plot: within the plot and this many pixels
// off the place, to its right if there is room, else left, below or above. None: the plot is too
// small.
std::optional<Vec2> card_place(const LatentView& view, Vec2 place, Vec2 size, float off);

}  // namespace zscape
