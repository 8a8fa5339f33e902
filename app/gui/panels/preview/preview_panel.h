#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/gui/panels/paths/marks_list.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/paths/scene.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// The cursor's picture of one of several models.
struct PreviewPicture {
  const Pictures* pictures = nullptr;
  PictureSlot slot = kNoPicture;
  std::string name;       // of its model
  bool active = false;    // the panel's other rows are about this model
  std::size_t pane = 0;   // its number, for its widgets' names
  std::size_t model = 0;  // its id, for its colour
};

// Between two neighbours in the row of pictures.
struct PreviewDifference {
  const Pictures* pictures = nullptr;
  PictureSlot slot = kNoPicture;
  std::string name;        // "VAE − AE"
  std::string text;        // "MSE 0.0123", or why there is none
  std::string brief = {};  // the number alone
};

// The z on show, as numbers that can be copied and typed.
struct ZFieldState {
  std::string text;  // while typed
  bool opens = false;
};

struct PreviewPanelState {
  std::vector<PreviewPicture> models;          // one each if there are several, else empty
  std::vector<PreviewDifference> differences;  // one between each two of them
  std::string link;                            // how their cursors are linked; empty: not at all
  std::optional<HoveredPicture> hovered;
  ZFieldState z_field;
  MarksListState marks;
};

// Draws the decoded picture at the cursor and its z, the nearest input, every label at this z
// (cvae), the pins and the paths. Returns what the person asked for.
// What the preview shows while the pointer is in the plot, and where its other coordinates are.
std::string cursor_name(const Scene& scene);

std::vector<Command> draw_preview_panel(const Snapshot& snapshot, ModelId model,
                                        const Pictures& pictures, Scene& scene,
                                        PreviewPanelState& state, const PanelFrame& frame);

// Draws the numbers in the rest of the row. A click opens a field to type or paste a z; Enter pins
// it.
void draw_z_field(Scene& scene, ZFieldState& state, const PanelFrame& frame);

}  // namespace zscape
