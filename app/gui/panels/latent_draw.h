#pragma once

#include "app/gui/panels/latent_panel.h"

namespace zscape {

// One frame of the panel: what its parts all need.
struct LatentDraw {
  const Snapshot& snapshot;
  const ModelView& model;
  const LatentPanelInput& input;
  Scene& scene;
  LatentPanelState& state;
  const PanelFrame& frame;

  const Theme& theme() const { return frame.theme; }
  float px(float pixels) const { return frame.theme.px(pixels); }
  bool has_labels() const { return snapshot.data && !snapshot.data->class_names.empty(); }
  // Switched on, and with something to show for this model.
  bool shows(Layer layer) const {
    return state.layers.shown(layer) && why_not(layer, model.spec, has_labels()).empty();
  }
};

inline Vec2 pointer_place() {
  const ImVec2 position = ImGui::GetIO().MousePos;
  return {position.x, position.y};
}

// The buttons and lists above the plot (latent_toolbar.cpp).
void draw_latent_toolbar(const LatentDraw& draw);

// The toolbar, the choice of colours and the legend; and the plot itself, in the room that is left
// (latent_panel.cpp).
void draw_latent_top(const LatentDraw& draw);
void draw_latent_plot(const LatentDraw& draw);

// What is under the pointer: its place and the nearest point; a path in hand; hints
// (latent_hover.cpp).
void draw_latent_hover(const LatentDraw& draw, ImDrawList& list);
void draw_latent_hint(const LatentDraw& draw, ImDrawList& list);

}  // namespace zscape
