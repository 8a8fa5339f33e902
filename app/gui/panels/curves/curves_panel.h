#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/panels/curves/plot.h"
#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/theme.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// One of the three plots.
struct CurvePlotState {
  bool log_scale = false;
  bool show_all = false;  // the whole range, outliers and the former run's length included
  std::array<SeriesCache, 5> series;  // train, test, test sample, former run, other model
};

struct CurvesPanelState {
  std::array<CurvePlotState, 3> plots;                      // loss, reconstruction, KL
  std::array<bool, 5> shown{true, true, true, true, true};  // by the legend
  std::optional<double> hovered_step;  // all three plots show their values there
  std::optional<double> marked_step;   // where the pointer is at none: this one
  LowerTab tab = LowerTab::curves;
  bool figures_warn = false;  // something under Figures wants to be seen
  FieldEdit path_edit;
  std::string path = "curves.csv";  // to export to
};

// Draws loss, reconstruction and KL over the steps: training, test, test sample, former run, marks
// where λ changed. Returns what was asked for.
std::vector<Command> draw_curves_panel(const Snapshot& snapshot, ModelId model,
                                       CurvesPanelState& state, const PanelFrame& frame);

}  // namespace zscape
