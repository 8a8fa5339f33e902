#pragma once

#include <imgui.h>

#include <optional>
#include <string>
#include <vector>

#include "app/gui/panels/latent/latent_panel.h"

namespace zscape {

// Layers that are drawn over the points, like latent_overlay's; a clip rectangle is expected.

// 1 σ and 2 σ of the posteriors of one point and of the pinned inputs.
void draw_selected_posteriors(ImDrawList& list, const LatentView& view, const Theme& theme,
                              const Points& points, const Scene& scene,
                              std::optional<std::size_t> nearest);

// The mean of each shown label's codes, with the class's name.
void draw_centroids(ImDrawList& list, const LatentView& view, const Theme& theme,
                    const ClassMeans& means, const Scene& scene, float mix,
                    const HiddenLabels& hidden, const std::vector<std::string>& names);

}  // namespace zscape
