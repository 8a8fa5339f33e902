#pragma once

#include "app/gui/view/frame/theme.h"
#include "engine/snapshot.h"

namespace zscape {

// Draws what data the models learn: where from, how many, of what shape.
void draw_data_facts_panel(const Snapshot& snapshot, const PanelFrame& frame);

}  // namespace zscape
