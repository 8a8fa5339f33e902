#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/gui/panels/controls/controls_panel.h"
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

inline constexpr const char* kNothingLoaded = "Nothing is loaded yet.";

// The rows of the table that no function below lays out, each with a field for its text.
void draw_listed(Controls& controls, Parameter::Place place);

// λ's course: the choice itself, of this width, and what is to be said of one that is no constant.
void draw_schedule_choice(Controls& controls, float width, const std::string& why_not);
void draw_schedule(Controls& controls);

// Rows held out of training, and patience.
void draw_hold_out(Controls& controls);

// At the right end of a section's heading: shows or hides the options that few need. pending: one
// of them was changed and not applied yet.
void more_switch(const PanelFrame& frame, std::string_view name, bool& open, bool pending,
                 const std::string& help);

// The draft's options of its kind: network, pixels, objective, noise, patches; the rarer ones only
// where more is asked for. nothing: why none can be changed; empty: they can.
void draw_model_options(Controls& controls, const std::string& nothing);
bool rare_options_differ(const ModelSpec& draft, const ModelSpec& held);

// The words of a parameter of the draft as the entries of an open list.
void draw_entries(Controls& controls, const Parameter& row);

// Why the draft cannot become this; empty: it can, or it is no worse than it is.
std::string why_not_become(const ModelSpec& draft, const ModelSpec& candidate);

// The section that shapes the model: kind, sizes, loss, Apply.
void draw_model_controls(Controls& controls);

}  // namespace zscape
