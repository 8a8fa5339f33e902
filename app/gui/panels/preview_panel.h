#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/gui/view/pictures.h"
#include "app/gui/view/scene.h"
#include "app/gui/view/theme.h"
#include "engine/snapshot.h"

namespace zscape {

// A pin or a frame that the pointer rests on: its picture is the large one from the next frame on.
struct PreviewPeek {
  std::vector<float> z;
  int label = 0;
  std::string name;  // "pin 3", "path 1, frame 4"
};

struct PreviewPanelState {
  std::optional<PreviewPeek> peek;
};

// Draws the decoded picture at the cursor with its z, the nearest input, every label at this z
// (cvae), the pins and the paths.
void draw_preview_panel(const Snapshot& snapshot, ModelId model, const Pictures& pictures,
                        Scene& scene, PreviewPanelState& state, const PanelFrame& frame);

}  // namespace zscape
