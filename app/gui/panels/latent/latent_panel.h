#pragma once

#include <imgui.h>

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/own_image.h"
#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/latent/cursor_link.h"
#include "app/gui/view/latent/layer_contents.h"
#include "app/gui/view/latent/picking.h"
#include "app/gui/view/latent/plotted_samples.h"
#include "app/gui/view/latent/selection.h"
#include "app/gui/view/latent/sequences.h"
#include "app/gui/view/latent/view_fit.h"
#include "app/gui/view/paths/scene.h"
#include "engine/snapshot.h"

namespace zscape {

// What the axes of panes side by side have in common.
enum class SharedAxes {
  own,    // nothing: each is fitted to its codes
  scale,  // a latent unit is equally long in all
  extent  // they show the same part of the plane too
};

// How panes side by side stand to each other, by a person's choice.
struct PaneArrangement {
  std::vector<std::size_t> order;  // the panes from the left; empty: as they were opened
  SharedAxes axes = SharedAxes::own;
  bool operator==(const PaneArrangement&) const = default;
};

// The list of models to compare with, and what can be done with panes side by side.
struct CompareMenuState {
  bool opens = false;  // by its key
  bool swaps = false;  // the left pane moves to the right end; the panes take it back
  SharedAxes axes = SharedAxes::own;
  std::optional<ModelId> closing;  // the model to close; the caller takes it back
  bool asks_file = false;          // for a saved model; likewise
  bool closes = false;             // close the last model, by its key; the caller takes it back
  double kl_weight = 20;           // of "same model, other λ"
  FieldEdit kl_weight_edit;
  bool restart = false;           // the first model starts again too
  std::vector<Command> commands;  // what the person asked for; the caller takes them
};

// What the left button does in the plot. Shift-drag selects with every tool.
enum class Tool { explore, path, select };

// The keys of this frame that the latent view handles; none while text is typed.
struct LatentKeys {
  bool explore_tool = false;           // E
  bool toggle_path_tool = false;       // P
  bool toggle_select_tool = false;     // S
  bool toggle_add = false;             // A: to the selection
  bool toggle_card = false;            // C
  bool escape = false;                 // gives up a drag, leaves the tool, or clears the selection
  bool fit = false;                    // Home
  bool toggle_spatial = false;         // D
  bool remove = false;                 // Delete
  bool undo = false;                   // Ctrl-Z
  bool redo = false;                   // Ctrl-Shift-Z, Ctrl-Y
  bool step_back = false;              // Left: along the chosen sequence
  bool step_on = false;                // Right
  std::bitset<kLayerCount> flip = {};  // layers to switch off or on
};

// Draws the points in the plot's place; null where there is no renderer (headless tests).
struct LatentCanvas {
  ImDrawCallback callback = nullptr;
  void* user = nullptr;
};

class EvidenceView;

// What the latent panel gets besides the snapshot.
struct LatentPanelInput {
  const Points& points;
  const Pictures& pictures;
  const LayerContents& contents;
  LatentKeys keys;
  LatentCanvas canvas;
  // The preview is folded up: the decoded picture stands at the cursor.
  bool picture_at_cursor = false;
  OwnImage* own_image = nullptr;                  // null: there is none (headless tests)
  Selection* selection = nullptr;                 // likewise
  ChosenSequences* sequences = nullptr;           // likewise
  const SequenceCodes* sequence_codes = nullptr;  // likewise
  const EvidenceView* evidence = nullptr;         // likewise
  CompareMenuState* compare = nullptr;            // likewise
  // With several panes: what another pane's pointer shows here; null where the pointer is here.
  const CursorLink* link = nullptr;
  bool pointer_elsewhere = false;  // in another pane's plot
  // The points of the panes that are linked to this one by the nearest input.
  std::vector<const Points*> linked = {};
};

// A button held down in the plot. A drag is computed from its beginning.
struct PlotDrag {
  enum class Kind { none, pan, path, control_point, box, lasso, orbit, move_space };
  Kind kind = Kind::none;
  int button = 0;
  Vec2 pressed_at;                   // screen
  Vec2 center_then;                  // of the view
  Vec2 last;                         // the pointer a frame ago, for turning
  bool travelled = false;            // 4 px or more: no longer a click
  std::optional<ControlPoint> from;  // where a path begins
  int path = 0;                      // the path whose control point is dragged
  int point = 0;                     // the control point's number
  Vec2 pointer_offset;               // from the pointer to the control point's middle
  bool inserted = false;             // this press added the control point
  std::vector<Vec2> lasso;           // latent plane; for a box its first corner
};

// What the codes filled at a step.
struct FormerExtent {
  Box box;
  std::int64_t step = 0;
  AxisChoice axes;  // of the box
};

// Where codes were on their way outwards that nothing holds near the prior, a tenth apart: a fitted
// view would hide how they drift. Of one run.
struct Drift {
  std::vector<FormerExtent> extents;
  std::uint64_t serial = 0, returns = 0;  // of the run: ModelView's
  bool opens = false;                     // likewise: it began from a file
  std::size_t measured = 0;               // likewise: points of its training curve
};

struct LatentPanelState {
  LatentView view;       // where the plot is; valid after the first frame
  bool placed = false;   // the view has been fitted to codes once
  bool auto_fit = true;  // until the person zooms or pans
  Tool tool = Tool::explore;
  SelectMode select_mode = SelectMode::replace;
  // Whether the coordinate sliders are open; none: where there is room.
  std::optional<bool> sliders_open;
  SplitName split = SplitName::train;
  HiddenLabels hidden;
  std::string legend_search;  // which classes a legend that scrolls lists
  Layers layers;
  ColorChoice color_by;
  MetadataChoice metadata;      // what is searched, and which inputs are shown
  bool metadata_steps = false;  // Enter in the search: to the next input that is found
  FieldEdit metadata_low, metadata_high;
  bool asks_lengths = false;  // for 500 shortest paths; the caller takes it back
  bool layers_open = false;   // the list of layers was on the screen in this frame
  PlotDrag drag;
  bool pointer_inside = false;  // the plot is hovered
  Picker picker;
  std::optional<Picked> nearest;       // to the pointer or, off the plot, to the z on show
  std::optional<PointRef> card_input;  // the input whose card was drawn in this frame
  std::optional<PointRef> pointed;     // the input under the pointer in a list of inputs
  PlottedSamples samples;              // of the tab on the screen
  std::optional<PointRef> marked;      // the input clicked there, until Esc
  std::optional<PointRef> taken;       // likewise, until the pane has it in hand
  std::optional<PointRef> flight;      // the input that the view flies to
  float flight_scale = 0;              // pixels a unit on arrival
  float room = 0;                      // width of plot and sliders in the last frame, pixels
  std::optional<PointRef> missed;      // an input that the view could not reach; to be reported
  bool view_moving = false;            // the view still moves: draw another frame
  double last_time_s = 0;
  Drift drift;
  float top_lines = 0;                   // what the lines in the plot's upper edge take, pixels
  std::optional<ViewTarget> common_fit;  // with shared axes: where a fitted view goes instead
  int menu_pin = 0;                      // of the open context menu; 0: none
  int menu_path = 0;
  int menu_point = -1;       // of the path; −1: its line
  double menu_position = 0;  // on that line
  RenameState rename;
  FieldEdit sequence_number;  // of the field that names the sequence to follow
};

// Fits the view to the codes and keeps it so until the person zooms or pans.
void fit_to_codes(LatentPanelState& state);

// Flies the view to an input, in the split that holds it, and marks it.
void fly_to(LatentPanelState& state, PointRef input);

// "step 4,310, past", "5,000 of 60,000 inputs, step 4,310"; empty where the points are of all
// inputs and of the model's step.
std::string moment_text(const Snapshot& snapshot, const ModelView& model, const Points& points);

// Draws the latent view and changes scene and state as the person asks.
void draw_latent_panel(const Snapshot& snapshot, ModelId model, const LatentPanelInput& input,
                       Scene& scene, LatentPanelState& state, const PanelFrame& frame);

// Its two parts, for views side by side: toolbar, choice of colours and legend; then the plot in
// the rest of the room.
struct LatentDraw;
void draw_latent_top(const LatentDraw& draw);
void draw_latent_plot(const LatentDraw& draw);

}  // namespace zscape
