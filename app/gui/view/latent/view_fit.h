#pragma once

#include <optional>

#include "app/gui/view/latent/latent_view.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

// Where a view should go.
struct ViewTarget {
  Vec2 center;
  float pixels_per_unit = 60;
};

// Shows the whole box with some room around it in a plot of this size.
ViewTarget fit(const Box& box, Vec2 plot_size);

// The default view: the codes with some room and, with a prior, its 3 σ contour, so that one sees
// codes spread and collapse.
Box box_to_show(const Box& codes, bool has_prior);

// Moves the view towards its target for so many seconds; true until it arrives.
bool approach(LatentView& view, const ViewTarget& target, double seconds);
// At once, but no farther than places reach (reach.h).
void jump(LatentView& view, const ViewTarget& target);

// Zooms so that the latent point under this place on the screen stays there; factor > 1: closer.
void zoom_at(LatentView& view, Vec2 screen, float factor);

// The upper left corner of a card beside a place in the plot: within the plot and this many pixels
// off the place, to its right if there is room, else left, below or above. None: the plot is too
// small.
std::optional<Vec2> card_place(const LatentView& view, Vec2 place, Vec2 size, float off);

}  // namespace zscape
