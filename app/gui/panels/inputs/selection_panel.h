#pragma once

#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/inputs/input_list.h"
#include "engine/snapshot.h"

namespace zscape {

struct SelectionPanelState {
  CsvExportState csv{{}, "selection.csv"};
};

// Draws the selected inputs: the number of each label, their mean image, their images; and exports
// them.
InputListRequests draw_selection_panel(const Snapshot& snapshot, ModelId model,
                                       const InputListInput& input, SelectionPanelState& state,
                                       LowerTab& tab, const PanelFrame& frame);

}  // namespace zscape
