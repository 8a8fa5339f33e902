#pragma once

#include <string>
#include <vector>

#include "app/gui/panels/controls_panel.h"

namespace zscape {

// What is drawn for one frame, and what was asked for.
struct Controls {
  const Snapshot& snapshot;
  const ModelView* view;  // null: the model is not open
  ModelId model;
  ControlsPanelState& state;
  const PanelFrame& frame;
  std::vector<Command> commands;

  RunState run_state() const { return view ? view->state : RunState::loading; }
  float width() const { return ImGui::GetContentRegionAvail().x; }
  std::string unless(bool possible, const char* reason) const { return possible ? "" : reason; }
};

inline constexpr const char* kNothingLoaded = "Nothing is loaded yet.";

// The section that shapes the model: kind, sizes, loss, Apply.
void draw_model_controls(Controls& controls);

}  // namespace zscape
