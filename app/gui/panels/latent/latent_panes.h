#pragma once

#include <optional>
#include <span>
#include <vector>

#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/view/latent/cursor_link.h"

namespace zscape {

// One of several plots.
struct LatentPane {
  const Snapshot& snapshot;
  ModelId model;
  LatentPanelInput input;
  Scene& scene;
  LatentPanelState& state;
};

struct LatentPanesState {
  std::size_t active = 0;            // the pane that toolbar, controls and figures belong to
  std::size_t leader = 0;            // the pane whose pointer the others follow
  std::vector<std::size_t> order;    // the panes from the left; as they are where empty
  std::vector<float> shares;         // of the width, from the left; equal where the number differs
  std::optional<std::size_t> close;  // the pane whose cross was clicked; the caller takes it back
  std::vector<std::optional<CursorLink>> links;  // a pane each; none: the leader, or not linked

  // The first pane that is linked to the leader; null: there is none.
  const CursorLink* link() const;
};

// Draws latent views side by side with one toolbar, one legend and one cursor. The choices in the
// toolbar (split, tool, layers, colours, labels) apply to all. A click makes a pane active.
// The names of a pane's widgets begin with its prefix_of_pane().
void draw_latent_panes(std::span<LatentPane> panes, LatentPanesState& state,
                       const PanelFrame& frame);

// The panes from the left, each once.
std::vector<std::size_t> order_of(const LatentPanesState& state, std::size_t count);

// Makes the other panes show what the leader shows.
void follow_leader(std::span<LatentPane> panes, LatentPanesState& state);

// Gives `to` the choices of the toolbar.
void share_choices(const LatentPanelState& from, LatentPanelState& to);

}  // namespace zscape
