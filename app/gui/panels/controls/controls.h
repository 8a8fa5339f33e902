#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/gui/panels/controls/controls_panel.h"
#include "engine/text.h"
#include "engine/training/parameters.h"

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

  // The plan that the model continues with, and the plan that Apply would make.
  RunPlan plan() const { return view ? next_plan(*view) : RunPlan{}; }
  RunPlan draft() const;
  // Why the parameter cannot be set in this plan; empty: it can.
  std::string why_not(const Parameter& parameter, const RunPlan& plan) const;
  // Asks the engine for this value.
  void set(const Parameter& parameter, const std::string& text);
  // Changes the draft if the parameter accepts the text.
  void change_draft(const Parameter& parameter, const std::string& text);
};

inline constexpr const char* kNothingLoaded = tr("Nothing is loaded yet.");

// The parameters of this place that no other function draws, each with a text field.
void draw_listed(Controls& controls, Parameter::Place place);

}  // namespace zscape
