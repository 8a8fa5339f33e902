#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

struct LegendStyle {
  bool colored = true;     // else colours tell something other than classes: neutral dots
  bool continues = false;  // begins on the line of what was drawn before
};

// The classes with their colours and how many points of each are in the plot. A click shows one
// label alone, or all again; with Ctrl it switches that label off or on. counts: of each label.
// Takes a third of the panel's height at most.
void draw_legend(const std::vector<std::string>& names, std::span<const int> counts,
                 HiddenLabels& hidden, LegendStyle style, const PanelFrame& frame);

}  // namespace zscape
