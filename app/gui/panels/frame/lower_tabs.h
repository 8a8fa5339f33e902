#pragma once

#include <array>

#include "app/gui/view/frame/theme.h"
#include "engine/text.h"

namespace zscape {

// What the panel below the latent view shows.
enum class LowerTab { curves, figures, selection, worst };

struct LowerTabEntry {
  LowerTab tab;
  const char* name;
  const char* widget;
  const char* help;
};
inline constexpr std::array kLowerTabs = {
    LowerTabEntry{LowerTab::curves, tr("Curves"), "tab_curves",
                  tr("Loss, reconstruction and KL over the steps.")},
    LowerTabEntry{LowerTab::figures, tr("Figures"), "tab_figures",
                  tr("What the codes are like now: KL and σ of each dimension, active units; for "
                     "dae and mae, how the model restores a corrupted input.")},
    LowerTabEntry{LowerTab::selection, tr("Selection"), "tab_selection",
                  tr("The inputs that are selected in the latent view: their images, their mean, "
                     "their labels.")},
    LowerTabEntry{LowerTab::worst, tr("Worst"), "tab_worst",
                  tr("The inputs with the largest reconstruction error. Click one to fly to it.")},
};

// The tabs in place of the panel's title. figures_warn: something under Figures wants to be seen.
void draw_lower_tabs(const PanelFrame& frame, LowerTab& tab, bool figures_warn);

}  // namespace zscape
