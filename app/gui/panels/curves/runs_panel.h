#pragma once

#include <vector>

#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/view/frame/theme.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// Draws the runs that are put away, the newest first: a click goes back to one in this model, and
// each can be pinned or opened beside the present one.
std::vector<Command> draw_runs_panel(const Snapshot& snapshot, ModelId model, LowerTab& tab,
                                     const PanelFrame& frame);

}  // namespace zscape
