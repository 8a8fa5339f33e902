#pragma once

#include <optional>

#include "app/gui/view/latent/latent_view.h"

namespace zscape {

// Where the upper left corner of a card about a place in the plot goes: wholly within the plot and
// at least so many pixels off the place, to the right of it where there is room, else to the left,
// below or above. None: the plot is too small.
std::optional<Vec2> card_place(const LatentView& view, Vec2 place, Vec2 size, float off);

}  // namespace zscape
