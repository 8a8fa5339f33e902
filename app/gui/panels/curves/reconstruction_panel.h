#pragma once

#include <vector>

#include "app/gui/panels/curves/figures_panel.h"

namespace zscape {

// A part of the figures panel for dae and mae: the input on show, as it is, as the model reads it
// and as the model restores it, with a slider for the amount of corruption. Returns what to ask the
// engine.
std::vector<Command> draw_reconstruction(const ModelView& view, const FiguresPanelInput& input,
                                         ReconstructionStrip& strip, const Rect& rect,
                                         const PanelFrame& frame);

// The width of that part in a panel of this height.
float reconstruction_width(const ImageShape& shape, float height, const Theme& theme);

}  // namespace zscape
