#pragma once

#include <optional>
#include <vector>

#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/view/curves/kl_forecast.h"
#include "app/gui/view/frame/theme.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// Draws the rate–distortion plane: the reconstruction term over the KL, with one dot for each λ
// that a run has visited, lines of equal ELBO, and what a linear decoder could reach. Returns the
// request for the spectrum that this needs, once.
std::vector<Command> draw_rate_panel(const Snapshot& snapshot, ModelId model,
                                     KlForecastState& forecast, LowerTab& tab, bool figures_warn,
                                     const PanelFrame& frame);

}  // namespace zscape
