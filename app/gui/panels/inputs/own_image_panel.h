#pragma once

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/own_image.h"
#include "app/gui/view/latent/latent_view.h"
#include "app/gui/view/paths/scene.h"
#include "engine/snapshot.h"

namespace zscape {

// The floating panel to draw a picture of one's own and see what the model makes of it. Draws
// nothing while image.open is false. At first it is at the lower right of frame.rect.
void draw_own_image_panel(const Snapshot& snapshot, ModelId model, OwnImage& image, Scene& scene,
                          const Pictures& pictures, const PanelFrame& frame);

// The picture's mark in the plot: a cross at μ and ellipses at 1 σ and 2 σ of the posterior.
void draw_own_image_mark(ImDrawList& list, const LatentView& view, const Theme& theme,
                         const OwnImage& image, const Scene& scene);

}  // namespace zscape
