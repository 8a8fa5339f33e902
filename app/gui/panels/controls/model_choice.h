#pragma once

#include <optional>

#include "app/gui/view/frame/theme.h"
#include "engine/snapshot.h"

namespace zscape {

// Of several open models: which one the panel is about, as a choice in its first row. Returns
// another where it was clicked. Draws nothing while one model is open.
std::optional<ModelId> draw_model_choice(const Snapshot& snapshot, ModelId model,
                                         const PanelFrame& frame);

}  // namespace zscape
