#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "app/gui/panels/curves/curve_lines.h"
#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/view/frame/theme.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// One of the three plots.
struct CurvePlotState {
  bool log_scale = false;
  bool show_all = false;  // the whole range, with outliers and the length of the former run
  std::map<std::array<std::uint64_t, 2>, SeriesCache> series;  // by the model's serial and series
};

struct CurvesPanelState {
  std::array<CurvePlotState, 3> plots;                           // loss, reconstruction, KL
  std::array<bool, kSeriesCount> shown{true, true, true, true};  // by the legend
  std::set<std::uint64_t> hidden;                                // models' serials, likewise
  std::optional<double> hovered_step;  // all three plots show their values at this step
  std::optional<double> marked_step;   // used where the pointer is on no plot
  LowerTab tab = LowerTab::curves;
  bool figures_warn = false;  // the tab Figures shows a warning
  CsvExportState csv{{}, "curves.csv"};
};

// Draws loss, reconstruction and KL over the steps for training, test, test sample and former run,
// with marks where λ changed; of several models those that share a unit, in their panes' colours on
// an axis that holds them all. Returns what the person asked for.
std::vector<Command> draw_curves_panel(const Snapshot& snapshot, ModelId model,
                                       CurvesPanelState& state, const PanelFrame& frame);

}  // namespace zscape
