#pragma once

#include <optional>

#include "app/gui/view/frame/theme.h"
#include "engine/snapshot.h"

namespace zscape {

// With several open models, a row to choose the one that the panel belongs to. Returns the model
// that was clicked. Draws nothing while only one is open.
std::optional<ModelId> draw_model_choice(const Snapshot& snapshot, ModelId model,
                                         const PanelFrame& frame);

}  // namespace zscape
