#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

struct LegendStyle {
  bool colored = true;     // false: neutral dots, as the colours show something else
  bool continues = false;  // begins on the line of the item before it
};

// The classes with their colours and the number of points of each in the plot. A click shows one
// label alone, or all again; Ctrl-click hides or shows it. counts: of each label.
// It takes at most a third of the panel's height.
void draw_legend(const std::vector<std::string>& names, std::span<const int> counts,
                 HiddenLabels& hidden, LegendStyle style, const PanelFrame& frame);

}  // namespace zscape
