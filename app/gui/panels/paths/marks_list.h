#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/panels/paths/path_view.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/paths/scene.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

struct MarksListState {
  RenameState rename;
  PathViewState path;
  int seen_path = 0;  // selected in the last frame; the list scrolls to another one
};

// What the list shows and changes.
struct MarksListInput {
  const Snapshot& snapshot;
  const ModelView& model;
  const Pictures& pictures;
  Scene& scene;
  MarksListState& state;
  const PanelFrame& frame;
};

// What the person asked for in this frame.
struct MarksListRequests {
  std::optional<HoveredPicture> hovered;
  std::vector<Command> commands;
};

// Draws the pictures of the pins, the strips of the paths, and the selected path in full.
MarksListRequests draw_marks_list(const MarksListInput& input);

}  // namespace zscape
