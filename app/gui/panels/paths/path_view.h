#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/paths/scene.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// A pin or a frame that the pointer rests on: its picture is the large one from the next frame on.
struct HoveredPicture {
  std::vector<float> z;
  int label = 0;
  std::string name;  // "pin 3", "path 1, frame 4"
};

struct PathViewState {
  FieldEdit file_edit;
  FieldEdit frames_edit;
  std::string file;           // without its ending; empty: the path's name
  std::optional<int> frames;  // to export; none: those of the strip
  int path = 0;               // the id that these belong to
};

struct PathViewInput {
  const Snapshot& snapshot;
  const ModelView& model;
  const Pictures& pictures;
  Scene& scene;
  const PanelFrame& frame;
  PathViewState& state;
};

// What the person asked for in this frame; to be done once all paths are drawn.
struct PathViewRequests {
  std::optional<HoveredPicture> hovered;
  std::optional<Command> command;
  int select = 0;                   // a path's id
  std::optional<PathMode> mode;     // of the selected path
  std::optional<double> play_from;  // on the selected path
};

// The frames of the chosen mode in a row.
void draw_path_strip(const PathViewInput& input, const Path& path, PathViewRequests& asked);

// The selected path: the player, the strips of all modes above one another with the cross-fade as
// the control, how fast the pictures change along them, and the export.
void draw_path_view(const PathViewInput& input, const Path& path, PathViewRequests& asked);

// What an end of a path is called: its input, or where it is.
std::string end_name(const Snapshot& snapshot, const Scene& scene, const ControlPoint& end);

// A name as part of a file's: "My path/2" is "my-path-2".
std::string file_stem(const std::string& name);

}  // namespace zscape
