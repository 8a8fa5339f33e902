#pragma once

#include <string>

#include "app/gui/panels/latent/latent_panel.h"

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
  bool spatial() const { return scene.plane().spatial(); }
  // Switched on, and with something to show for this model.
  bool shows(Layer layer) const {
    return state.layers.shown(layer) && why_not(layer, model.spec, has_labels(), spatial()).empty();
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

// Which coordinates are shown (axis_choice.cpp), and what a coordinate is called: "z3",
// "PC 1 · 34.2 %".
void draw_axis_choice(const LatentDraw& draw);
std::string axis_title(const Scene& scene, int coordinate);
void draw_axis_names(const LatentDraw& draw, ImDrawList& list);  // at the plane's edges

// Shows the input of state.nearest, on whose point the cursor is, or else, with more dimensions
// than are seen, of the code that is nearest to z in all of them (latent_hover.cpp). place: the
// cursor's.
void show_nearest_input(const LatentDraw& draw, Vec2 place, bool on_point);

// What is under the pointer: its place and the nearest point; a path in hand; hints
// (latent_hover.cpp).
void draw_latent_hover(const LatentDraw& draw, ImDrawList& list);
void draw_latent_hint(const LatentDraw& draw, ImDrawList& list);

}  // namespace zscape
