#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/gui/view/points.h"
#include "app/gui/view/theme.h"

namespace zscape {

// The classes with their colours and how many points of each are in the plot; switches labels off
// and on. counts: of each palette entry. Takes a third of the panel's height at most.
void draw_legend(const std::vector<std::string>& names, std::span<const int> counts,
                 HiddenLabels& hidden, const PanelFrame& frame);

}  // namespace zscape
