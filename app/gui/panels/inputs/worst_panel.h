#pragma once

#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/panels/inputs/input_list.h"
#include "engine/snapshot.h"

namespace zscape {

// Draws the inputs with the largest reconstruction error, each beside its reconstruction.
InputListRequests draw_worst_panel(const Snapshot& snapshot, ModelId model,
                                   const InputListInput& input, LowerTab& tab,
                                   const PanelFrame& frame);

}  // namespace zscape
