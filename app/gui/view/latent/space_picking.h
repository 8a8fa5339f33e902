#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "app/gui/view/latent/latent_view.h"
#include "app/gui/view/latent/picking.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

// Where a point is drawn in the view of a plane or, where that has a camera, of a space.
Vec2 screen_of_point(const Points& points, const LatentView& view, std::size_t point);

// Of three dimensions, in a view with a camera: the point in front among those whose disc lies
// under that place, within reach pixels; else the one drawn nearest to it. Of points whose label is
// shown. Looks at every point: 70,000 take about 0.2 ms.
std::optional<Picked> nearest_in_space(const Points& points, const LatentView& view, Vec2 screen,
                                       const HiddenLabels& hidden, float reach);

// Those that are drawn in a box or a lasso on the screen, whose corners are given as
// LatentView::to_latent() has them, in front of the eye, of the labels shown; rising.
std::vector<std::size_t> inside_in_space(const Points& points, const LatentView& view,
                                         const Box& box, const HiddenLabels& hidden);
std::vector<std::size_t> inside_in_space(const Points& points, const LatentView& view,
                                         const Lasso& lasso, const HiddenLabels& hidden);

}  // namespace zscape
