#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "app/gui/panels/latent/latent_panel.h"

namespace zscape {

class PlacedLabels;

// One frame of the panel: what its parts all need.
struct LatentDraw : PanelDraw {
  const Snapshot& snapshot;
  const ModelView& model;
  const LatentPanelInput& input;
  Scene& scene;
  LatentPanelState& state;

  bool has_labels() const { return snapshot.data && !snapshot.data->class_names.empty(); }
  bool spatial() const { return scene.plane().spatial(); }
  // Why a layer has nothing to show for this model; empty: it has.
  std::string why_not_show(Layer layer) const {
    return why_not(layer, model.spec, has_labels(), spatial());
  }
  bool shows(Layer layer) const { return state.layers.shown(layer) && why_not_show(layer).empty(); }
};

// The buttons and lists above the plot.
void draw_latent_toolbar(const LatentDraw& draw);

// The field that chooses what the colours of the points show and, for a value, the colour bar with
// its range. The next item belongs on the same line. Needs data, as the legend does.
void draw_color_choice(const LatentDraw& draw);

// The button with the list of models to open beside the first one and, of several, with what can be
// done with their panes.
void draw_compare_menu(const LatentDraw& draw, CompareMenuState& state);

// The classes with their colours and the number of inputs of each in the split, in the line of the
// item before; the tooltip says how many of them are in the plot. A click shows one label alone, or
// all again; Ctrl-click hides or shows it. It takes at most a third of the panel's height.
void draw_legend(const LatentDraw& draw);

// Where the data have metadata: a field that searches them, and the choice of a column and of what
// of it is shown, in a row of their own.
void draw_metadata_row(const LatentDraw& draw);

// The choice of the coordinates on show, and a coordinate's name: "z3", "PC 1 · 34.2 %".
void draw_axis_choice(const LatentDraw& draw);
std::string axis_title(const Scene& scene, int coordinate);
void draw_axis_names(const LatentDraw& draw, ImDrawList& list);  // at the plane's edges

// The button that opens the list of layers, each with its switch and its key. Layers that have
// nothing to show are greyed; their tooltips say why.
void draw_layers_menu(const LatentDraw& draw);

// The layers that say why: what lies over the points, and a card of figures for each that is on.
void draw_why(const LatentDraw& draw, ImDrawList& list);
void draw_why_cards(const LatentDraw& draw, ImDrawList& list);

// Shows the input of state.nearest where the cursor is on its point. Otherwise, with more
// dimensions than the plot shows, it shows the input whose code is nearest to z in all of them.
// place: the cursor's.
void show_nearest_input(const LatentDraw& draw, Vec2 place, bool on_point);

// The place under the pointer, the nearest point and a path being drawn; and hints.
void draw_latent_hover(const LatentDraw& draw, ImDrawList& list);
void draw_latent_hint(const LatentDraw& draw, ImDrawList& list);

// The column beside the plot with a slider for each coordinate that the plot does not show. In
// three dimensions, where one can point at codes only, it has all coordinates. The sliders move the
// z that the plane passes through.

// Whether the column fits beside the plot (LatentPanelState::room is for both), whether it is open,
// and its width; 0 while closed.
bool coordinate_sliders_fit(const LatentDraw& draw);
bool coordinate_sliders_open(const LatentDraw& draw);
float coordinate_sliders_width(const LatentDraw& draw);

void draw_coordinate_sliders(const LatentDraw& draw, ImVec2 size);

// The latent view in three dimensions: where it differs from the plane. The camera lies in
// draw.state.view.orbit.

// Keeps the cube around the codes, until the person zooms or moves the picture.
void keep_space_fitted(const LatentDraw& draw, double seconds);

// A drag that turns (left) or moves (right) the picture, from where it is now.
void drag_space(const LatentDraw& draw, Vec2 now);
void zoom_space(const LatentDraw& draw, Vec2 pointer, float factor);

// Has this point's whole code decoded, with its label.
void point_at_code(const LatentDraw& draw, std::size_t point);

// The code under the pointer is decoded, and its input shown.
void hover_space(const LatentDraw& draw);

// Names and ends of the three axes, and how high the nearest code is above the floor; the prior's
// spheres at 1 and 3 σ.
void draw_space_axes(const LatentDraw& draw, ImDrawList& list, PlacedLabels& labels);
void draw_space_prior(const LatentDraw& draw, ImDrawList& list, PlacedLabels& labels);

// The tools of the latent view. They select points by a box or a lasso (Shift-drag,
// Shift-Ctrl-drag, or the select tool) or by clicks.

// The buttons in the row of the toolbar, and their keys. leave_tool() does what Esc does; false:
// there was nothing to leave.
void draw_tools(const LatentDraw& draw);
float tools_width(const LatentDraw& draw);  // pixels
void handle_tool_keys(const LatentDraw& draw);
bool leave_tool(const LatentDraw& draw);

inline bool selects(const PlotDrag& drag) {
  return drag.kind == PlotDrag::Kind::box || drag.kind == PlotDrag::Kind::lasso;
}

// Makes the left press a selecting one where tool or keys say so; false: it is something else.
bool begin_selecting(const LatentDraw& draw);
void continue_selecting(const LatentDraw& draw);
void finish_selecting(const LatentDraw& draw);

// A selecting press that did not travel, on a point or beside all.
void click_selects(const LatentDraw& draw, std::optional<std::size_t> point);

// The outline in hand, and the inputs that lists point at.
void draw_selecting(const LatentDraw& draw, ImDrawList& list);

// Of a latent space with one dimension, along its axis: above it how dense the codes are, below the
// decoded strip where those of each label lie; and the posterior of the input in hand, with the
// true one while the lens is on. Nothing in other spaces.
void draw_code_line(const LatentDraw& draw, ImDrawList& list);

// Sequences: those that a person follows, drawn as trajectories, and the step of one that is shown.

// The row below the legend with the player and the choice of a sequence; nothing where the data are
// no sequences.
void draw_sequence_bar(const LatentDraw& draw);

// Their lines in the colours of time, their ends and where the step is.
void draw_sequences(const LatentDraw& draw, ImDrawList& list);

// A click, on a point or not, follows the sequence there, with Shift beside others; false: it means
// something else.
bool click_follows(const LatentDraw& draw, Vec2 place, std::optional<std::size_t> point);

// Shows the step, unless the pointer shows something; false: that is the case.
bool show_sequence_step(const LatentDraw& draw);

// The codes that the tab Samples lists, as dots: those of a posterior in its ellipse. Notes which
// of them is under the pointer.
void draw_plotted_samples(const LatentDraw& draw, ImDrawList& list);

// The plot without the lines at its upper edge, for what stands beside the pointer.
LatentView below_top_lines(const LatentPanelState& state);

// A card beside the point under the pointer: its input's picture and reconstruction, label, losses
// and μ ± σ. The input is noted in LatentPanelState::card_input, so that its reconstruction is
// decoded. The card is drawn into the plot and takes no click.
void draw_input_card(const LatentDraw& draw, ImDrawList& list);

// The evidence lens: the true posterior of the input in hand, filled, with the encoder's Gaussian
// and the best ones; and a card in a corner of the plot with its evidence, ELBO and gaps.
void draw_evidence(const LatentDraw& draw, ImDrawList& list);
void draw_evidence_card(const LatentDraw& draw, ImDrawList& list);

// While the preview is folded up, the decoded picture beside the cursor where no card shows it.
void draw_cursor_picture(const LatentDraw& draw, ImDrawList& list);

}  // namespace zscape
