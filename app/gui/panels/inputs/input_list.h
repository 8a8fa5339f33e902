#pragma once

#include <imgui.h>

#include <optional>
#include <string>
#include <vector>

#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/gap_ledger.h"
#include "app/gui/view/inputs/input_pictures.h"
#include "app/gui/view/inputs/worst_inputs.h"
#include "app/gui/view/latent/points.h"
#include "app/gui/view/latent/selection.h"
#include "app/gui/view/paths/scene.h"
#include "engine/command.h"
#include "engine/neighbours.h"
#include "engine/snapshot.h"

namespace zscape {

// What the panels that list inputs (selection, worst, neighbours) get besides the snapshot.
struct InputListInput {
  Selection& selection;
  std::size_t selected_points = 0;        // of the selection, in the plot
  PictureSlot mean_picture = kNoPicture;  // of the selection
  const WorstInputs& worst;
  const Scene& scene;
  const Pictures& pictures;
  InputPictures& input_pictures;
};

// What the person asked for in them.
struct InputListRequests {
  std::vector<Command> commands;
  std::optional<PointRef> pointed;  // under the pointer: mark it in the plot
  std::optional<PointRef> fly;      // clicked: send the view there
  std::vector<PointRef> seen;       // their reconstructions are on the screen
  bool hovered = false;             // the pointer is over the list
};

// A scrolling table of equal cells. Only the cells in view are drawn.
class CellTable {
 public:
  // Begins a child window in a rectangle of the present window; always call end().
  CellTable(const char* name, const Rect& rect, std::size_t count, ImVec2 cell, float gap,
            const PanelFrame& frame);
  void end();

  std::size_t first() const { return first_; }  // that is in view …
  std::size_t last() const { return last_; }    // … and one behind the last
  ImVec2 place(std::size_t number) const;       // on the screen

 private:
  std::size_t count_;
  ImVec2 step_;
  ImVec2 origin_;
  std::size_t columns_ = 1;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
};

struct GapsPanelState {
  std::optional<double> hovered_step;  // of the plot under the pointer
};

struct SelectionPanelState {
  CsvExportState csv{{}, "selection.csv"};
};

// Draws the selected inputs: the number of each label, their mean image, their images; and exports
// them.
InputListRequests draw_selection_panel(const Snapshot& snapshot, ModelId model,
                                       const InputListInput& input, SelectionPanelState& state,
                                       LowerTab& tab, const PanelFrame& frame);

// What the neighbours are of, and who they are.
struct NeighboursShown {
  std::optional<PointRef> in_hand;
  const Neighbours* found = nullptr;  // null: not yet
};
// Draws the input in hand and two rows: the inputs nearest to it, and those with the nearest codes.
InputListRequests draw_neighbours_panel(const Snapshot& snapshot, const InputListInput& input,
                                        const NeighboursShown& shown, LowerTab& tab,
                                        const PanelFrame& frame);

// An input beside its reconstruction, with its label and a number below; a click asks to fly there.
struct PicturePair {
  std::string widget;
  PointRef input;
  float value = 0;
  std::string tells;  // the tooltip
};
struct PairSize {
  ImVec2 picture, cell;
};
PairSize pair_size(const Pictures& pictures, const Theme& theme, float longest);  // pixels at 100 %
void draw_picture_pair(const Snapshot& snapshot, const InputListInput& input,
                       const PicturePair& pair, const PairSize& size, ImVec2 low,
                       InputListRequests& requests, const PanelFrame& frame);
PicturePair pair_of_worst(const Snapshot& snapshot, const WorstInputs& worst, std::size_t number);

// Draws the gaps over the steps, and the inputs with the largest amortisation gap beside those with
// the largest reconstruction error.
InputListRequests draw_gaps_panel(const Snapshot& snapshot, ModelId model,
                                  const InputListInput& input, const GapLedger& ledger,
                                  GapsPanelState& state, LowerTab& tab, const PanelFrame& frame);

// Draws the inputs with the largest reconstruction error, each beside its reconstruction.
InputListRequests draw_worst_panel(const Snapshot& snapshot, ModelId model,
                                   const InputListInput& input, LowerTab& tab,
                                   const PanelFrame& frame);

}  // namespace zscape
