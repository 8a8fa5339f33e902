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

  // What the model would go on with, and what Apply would make.
  RunPlan plan() const { return view ? next_plan(*view) : RunPlan{}; }
  RunPlan draft() const;
  // Why the parameter cannot be set in this plan; empty: it can.
  std::string why_not(const Parameter& parameter, const RunPlan& plan) const;
  // Asks for this value of it.
  void set(const Parameter& parameter, const std::string& text);
  // Of the draft, where the text is one that the parameter takes.
  void change_draft(const Parameter& parameter, const std::string& text);
};

inline constexpr const char* kNothingLoaded = tr("Nothing is loaded yet.");

// The rows of the table that no other function lays out, each with a field for its text.
void draw_listed(Controls& controls, Parameter::Place place);

}  // namespace zscape
