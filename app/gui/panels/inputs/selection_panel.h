#pragma once

#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/inputs/input_list.h"
#include "engine/snapshot.h"

namespace zscape {

struct SelectionPanelState {
  FieldEdit path_edit;
  std::string path = "selection.csv";  // to export to
};

// Draws what is selected: how many of each label, their mean image, their images; and their export.
InputListRequests draw_selection_panel(const Snapshot& snapshot, ModelId model,
                                       const InputListInput& input, SelectionPanelState& state,
                                       LowerTab& tab, const PanelFrame& frame);

}  // namespace zscape
