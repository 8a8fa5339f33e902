#pragma once

#include <optional>
#include <span>
#include <vector>

#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/view/curves/code_figures.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/reconstruction_strip.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// One of several models, whose figures stand side by side.
struct ComparedModel {
  const ModelView& model;       // at the moment that is shown
  const ShownFigures* figures;  // null: no codes yet
};

// What the figures panel gets besides the snapshot.
struct FiguresPanelInput {
  const ShownFigures* figures;    // null: no codes yet
  std::optional<PointRef> input;  // the input on show in the preview
  Pictures& pictures;
  std::span<const ComparedModel> compared = {};  // from the left; empty: there is one model
};

// One line of the panel: "1,000 of 10,000 (test)", "5.38 ± 0.021 nats".
struct Fact {
  const Figure* row = nullptr;
  std::string text;
  std::string help;
  std::string short_text = {};  // where that has no room: without unit and error
};

// all: how many inputs the split has. Of fewer, a sample, the figures have their standard errors.
std::vector<Fact> facts_of(const ShownFigures& shown, std::int64_t all);

struct FiguresPanelState {
  ReconstructionStrip strip;       // dae and mae
  std::optional<int> hovered_bar;  // the dimension whose σ is shown alone
};

// Draws the figures of the codes: KL (or variance) of each dimension, the spread of σ, the active
// units and warnings; for dae and mae also a corrupted input and its reconstruction.
std::vector<Command> draw_figures_panel(const Snapshot& snapshot, ModelId model,
                                        const FiguresPanelInput& input, FiguresPanelState& state,
                                        LowerTab& tab, const PanelFrame& frame);

// A part of the figures panel for dae and mae: the input on show, as it is, as the model reads it
// and as the model restores it, with a slider for the amount of corruption. Returns what to ask the
// engine.
std::vector<Command> draw_reconstruction(const ModelView& view, const FiguresPanelInput& input,
                                         ReconstructionStrip& strip, const Rect& rect,
                                         const PanelFrame& frame);

// The width of that part in a panel of this height.
float reconstruction_width(const ImageShape& shape, float height, const Theme& theme);

}  // namespace zscape
