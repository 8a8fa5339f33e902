#pragma once

#include <imgui.h>

#include <bitset>
#include <optional>
#include <vector>

#include "app/gui/panels/controls/compare_menu.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/own_image.h"
#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/latent/cursor_link.h"
#include "app/gui/view/latent/layer_contents.h"
#include "app/gui/view/latent/picking.h"
#include "app/gui/view/latent/selection.h"
#include "app/gui/view/paths/scene.h"
#include "engine/snapshot.h"

namespace zscape {

// What the left button does in the plot. Shift-drag selects whatever the tool.
enum class Tool { explore, path, select };

// The keys of this frame that mean something to the latent view; none while text is typed.
struct LatentKeys {
  bool explore_tool = false;           // E
  bool toggle_path_tool = false;       // P
  bool toggle_select_tool = false;     // S
  bool toggle_add = false;             // A: to the selection
  bool toggle_card = false;            // C
  bool escape = false;                 // leaves the tool, gives up a drag, else selects nothing
  bool fit = false;                    // Home
  bool toggle_spatial = false;         // D
  bool remove = false;                 // Delete
  bool undo = false;                   // Ctrl-Z
  bool redo = false;                   // Ctrl-Shift-Z, Ctrl-Y
  std::bitset<kLayerCount> flip = {};  // 1 … 8: layers to switch off or on
};

// Draws the points in the plot's place; null where there is no renderer (headless tests).
struct LatentCanvas {
  ImDrawCallback callback = nullptr;
  void* user = nullptr;
};

// What the latent panel is handed besides the snapshot.
struct LatentPanelInput {
  const Points& points;
  const Pictures& pictures;
  const LayerContents& contents;
  LatentKeys keys;
  LatentCanvas canvas;
  OwnImage* own_image = nullptr;        // null: there is none (headless tests)
  Selection* selection = nullptr;       // likewise
  CompareMenuState* compare = nullptr;  // likewise
  // Of several panes: what this one shows of another's pointer, null where the pointer is its own.
  const CursorLink* link = nullptr;
  // The other panes', where the nearest input links them to this one.
  std::vector<const Points*> linked = {};
};

// A button held down in the plot. The drag is computed from where it began.
struct PlotDrag {
  enum class Kind { none, pan, path, control_point, box, lasso, orbit, move_space };
  Kind kind = Kind::none;
  int button = 0;
  Vec2 pressed_at;                   // screen
  Vec2 center_then;                  // of the view
  Vec2 last;                         // where a turning drag was a frame ago
  bool travelled = false;            // 4 px or more: no click any more
  std::optional<ControlPoint> from;  // where a path begins
  int path = 0;                      // whose control point is dragged
  int point = 0;                     // and which
  Vec2 pointer_offset;               // from the pointer to the control point's middle
  bool inserted = false;             // it was added by this press
  std::vector<Vec2> lasso;           // latent plane; of a box the corner where it began
};

struct LatentPanelState {
  LatentView view;       // where the plot is; valid after the first frame
  bool placed = false;   // the view has been fitted to codes once
  bool auto_fit = true;  // until the person zooms or pans
  Tool tool = Tool::explore;
  SelectMode select_mode = SelectMode::replace;
  // For the coordinates that the plot does not show; none: open where there is room.
  std::optional<bool> sliders_open;
  SplitName split = SplitName::train;
  HiddenLabels hidden;
  Layers layers;
  ColorChoice color_by;
  bool layers_open = false;  // the list of layers was on the screen in this frame
  PlotDrag drag;
  bool pointer_inside = false;  // the plot is hovered
  Picker picker;
  std::optional<Picked> nearest;       // to the pointer or, off the plot, to the z on show
  std::optional<PointRef> card_input;  // the input whose card was drawn in this frame
  std::optional<PointRef> pointed;     // an input that the pointer rests on in some list
  std::optional<PointRef> marked;      // one that was chosen there, until Esc
  std::optional<PointRef> flight;      // one that the view is on its way to
  float flight_scale = 0;              // pixels a unit on arrival
  float room = 0;                      // that plot and sliders had in the last frame, pixels across
  std::optional<PointRef> missed;      // one that it could not fly to, to be told
  bool view_moving = false;            // the view is still on its way: draw another frame
  double last_time_s = 0;
  int menu_pin = 0;  // of the open context menu; 0: none
  int menu_path = 0;
  int menu_point = -1;       // of the path; −1: its line
  double menu_position = 0;  // on that line
  RenameState rename;
};

// Sends the view to an input and marks it there; to the other split where the input is of that.
void fly_to(LatentPanelState& state, PointRef input);

// Draws the latent view with everything in it and changes scene and state as the person asks.
void draw_latent_panel(const Snapshot& snapshot, ModelId model, const LatentPanelInput& input,
                       Scene& scene, LatentPanelState& state, const PanelFrame& frame);

// Its two parts, for views side by side: the toolbar, the choice of colours and the legend; and the
// plot itself, in the room that is left.
struct LatentDraw;
void draw_latent_top(const LatentDraw& draw);
void draw_latent_plot(const LatentDraw& draw);

}  // namespace zscape
