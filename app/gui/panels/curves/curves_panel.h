#pragma once

#include <array>
#include <optional>
#include <vector>

#include "app/gui/panels/curves/plot.h"
#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/view/frame/theme.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// One of the three plots.
struct CurvePlotState {
  bool log_scale = false;
  bool show_all = false;  // the whole range, with outliers and the length of the former run
  std::array<SeriesCache, 5> series;  // train, test, test sample, former run, other model
};

struct CurvesPanelState {
  std::array<CurvePlotState, 3> plots;                      // loss, reconstruction, KL
  std::array<bool, 5> shown{true, true, true, true, true};  // by the legend
  std::optional<double> hovered_step;  // all three plots show their values at this step
  std::optional<double> marked_step;   // used where the pointer is on no plot
  LowerTab tab = LowerTab::curves;
  bool figures_warn = false;  // the tab Figures shows a warning
  CsvExportState csv{{}, "curves.csv"};
};

// Draws loss, reconstruction and KL over the steps for training, test, test sample and former run,
// with marks where λ changed. Returns what the person asked for.
std::vector<Command> draw_curves_panel(const Snapshot& snapshot, ModelId model,
                                       CurvesPanelState& state, const PanelFrame& frame);

}  // namespace zscape
