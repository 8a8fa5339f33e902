#pragma once

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

}  // namespace zscape
