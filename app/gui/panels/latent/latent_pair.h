#pragma once

#include <array>
#include <optional>

#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/view/latent/cursor_link.h"

namespace zscape {

// One of the two plots.
struct LatentPane {
  const Snapshot& snapshot;
  ModelId model;
  LatentPanelInput input;
  Scene& scene;
  LatentPanelState& state;
};

struct LatentPairState {
  std::size_t active = 0;  // the pane that toolbar, controls and figures are about
  float share = 0.5f;      // of the left one, in the width
  bool close = false;      // the second's cross was clicked; the caller takes it back
  std::size_t leader = 0;  // the pane whose pointer the other follows
  std::optional<CursorLink> link;
};

// Draws two latent views side by side with one toolbar, one legend and one cursor. What is chosen
// in the toolbar (split, tool, layers, colours, labels) holds for both. A click makes a pane the
// active one. The right one's widgets are noted as "second_…".
void draw_latent_pair(std::array<LatentPane, 2>& panes, LatentPairState& pair,
                      const PanelFrame& frame);

// What the other pane shows follows what the leader has on show from now on.
void follow_leader(std::array<LatentPane, 2>& panes, LatentPairState& pair);

// Gives `to` the choices of the toolbar.
void share_choices(const LatentPanelState& from, LatentPanelState& to);

}  // namespace zscape
