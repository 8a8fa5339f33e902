#pragma once

#include <imgui.h>

#include <optional>
#include <string>
#include <vector>

#include "app/gui/panels/latent/latent_panel.h"

namespace zscape {

// Layers over the points; like those of latent_overlay.h they expect a clip rectangle.

// The posteriors of one point and of the pinned inputs, at 1 σ and 2 σ.
void draw_selected_posteriors(ImDrawList& list, const LatentView& view, const Theme& theme,
                              const Points& points, const Scene& scene,
                              std::optional<std::size_t> nearest);

// The mean of the codes of each shown label, with the name of the class.
void draw_centroids(ImDrawList& list, const LatentView& view, const Theme& theme,
                    const ClassMeans& means, const Scene& scene, float mix,
                    const HiddenLabels& hidden, const std::vector<std::string>& names);

}  // namespace zscape
