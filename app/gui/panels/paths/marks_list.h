#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/paths/scene.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// The pin or frame under the pointer. From the next frame on, its picture is the large one.
struct HoveredPicture {
  std::vector<float> z;
  int label = 0;
  std::string name;  // "pin 3", "path 1, frame 4"
};

struct PathViewState {
  FieldEdit file_edit;
  FieldEdit frames_edit;
  std::string file;           // without ending; empty: the path's name
  std::optional<int> frames;  // to export; none: as many as in the strip
  int path = 0;               // the id of the path that these belong to
};

struct PathViewInput : PanelDraw {
  const Snapshot& snapshot;
  const ModelView& model;
  const Pictures& pictures;
  Scene& scene;
  PathViewState& state;
};

// What the person asked for in this frame, to be done when all paths are drawn.
struct PathViewRequests {
  std::optional<HoveredPicture> hovered;
  std::optional<Command> command;
  int select = 0;                   // a path's id
  std::optional<PathMode> mode;     // of the selected path
  std::optional<double> play_from;  // on the selected path
};

// The frames of the chosen mode in a row.
void draw_path_strip(const PathViewInput& input, const Path& path, PathViewRequests& asked);

// The selected path: the player, the strips of all modes and of the cross-fade, the plot of how
// fast their pictures change, and the export.
void draw_path_view(const PathViewInput& input, const Path& path, PathViewRequests& asked);

// The name of an end of a path: its input, or its place.
std::string end_name(const Snapshot& snapshot, const Scene& scene, const ControlPoint& end);

// A name made fit for a file name: "My path/2" becomes "my-path-2".
std::string file_stem(const std::string& name);

struct MarksListState {
  RenameState rename;
  PathViewState path;
  int seen_path = 0;  // selected in the last frame; the list scrolls to another one
};

// What the list shows and changes.
struct MarksListInput : PanelDraw {
  const Snapshot& snapshot;
  const ModelView& model;
  const Pictures& pictures;
  Scene& scene;
  MarksListState& state;
};

// What the person asked for in this frame.
struct MarksListRequests {
  std::optional<HoveredPicture> hovered;
  std::vector<Command> commands;
};

// Draws the pictures of the pins, and below, in a list that scrolls by itself, the strips of the
// paths with the selected one in full.
MarksListRequests draw_marks_list(const MarksListInput& input);

}  // namespace zscape
