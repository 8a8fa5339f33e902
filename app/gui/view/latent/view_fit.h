#pragma once

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

// What the plot shows of itself: the codes with some room for those outside their box and, with a
// prior, its 3 σ contour, so that codes are seen spreading out, and collapsing.
Box box_to_show(const Box& codes, bool has_prior);

// Moves the view a part of its way, as far as these seconds bring it; true while it is not there.
bool approach(LatentView& view, const ViewTarget& target, double seconds);
void jump(LatentView& view, const ViewTarget& target);

// Zooms so that the latent point under this place on the screen stays there; factor > 1: closer.
void zoom_at(LatentView& view, Vec2 screen, float factor);

}  // namespace zscape
