#pragma once

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/latent/layers.h"

namespace zscape {

// The button that opens the list of layers, each with its switch and its key. Layers that have
// nothing to show are greyed; their tooltips say why. escape: the key was pressed and closes the
// list. Returns whether the list was open.
bool draw_layers_menu(const ModelSpec& spec, bool has_labels, bool spatial, Layers& layers,
                      bool escape, const PanelFrame& frame);

}  // namespace zscape
