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
  int seen_path = 0;  // that was selected in the last frame: another one is scrolled to
};

// What the list is drawn of and into.
struct MarksListInput {
  const Snapshot& snapshot;
  const ModelView& model;
  const Pictures& pictures;
  Scene& scene;
  MarksListState& state;
  const PanelFrame& frame;
};

// What came of the list in this frame.
struct MarksListRequests {
  std::optional<HoveredPicture> hovered;
  std::vector<Command> commands;
};

// Draws the pins' pictures and the paths' strips; the selected path with all that belongs to it.
MarksListRequests draw_marks_list(const MarksListInput& input);

}  // namespace zscape
