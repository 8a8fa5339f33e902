#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/gui/panels/controls/controls_panel.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"
#include "engine/training/parameters.h"

namespace zscape {

inline constexpr const char* kNothingLoaded = tr("Nothing is loaded yet.");

// What is drawn for one frame, and what was asked for.
struct Controls {
  const Snapshot& snapshot;
  const ModelView* view;  // null: the model is not open
  ModelId model;
  ControlsPanelState& state;
  const PanelFrame& frame;
  std::vector<Command> commands;

  // Why nothing that needs a model is possible while the state is loading.
  const char* why_no_model() const {
    return view && shows_given_codes(*view) ? kCodesAlone : kNothingLoaded;
  }
  RunState run_state() const { return view ? view->state : RunState::loading; }
  float width() const { return ImGui::GetContentRegionAvail().x; }
  std::string unless(bool possible, const char* reason) const { return possible ? "" : reason; }

  // The plan that the model continues with, and the plan that Apply would make.
  RunPlan plan() const { return view ? next_plan(*view) : RunPlan{}; }
  RunPlan draft() const;
  // Why the parameter cannot be set in this plan; empty: it can.
  std::string why_not(const Parameter& parameter, const RunPlan& plan) const;
  // What a text for this parameter must be, if it is none; for text_field().
  TextCheck refusal(const Parameter& parameter) const;
  // Asks the engine for this value.
  void set(const Parameter& parameter, const std::string& text);
  // Changes the draft if the parameter accepts the text.
  void change_draft(const Parameter& parameter, const std::string& text);
};

// Below λ, once the pointer has rested on its slider: what λ will leave alive, with the thresholds
// as ticks on the slider, and how many dimensions are active now. kl_weight: that of the knob, or
// the end of a schedule.
void draw_forecast(Controls& controls, const Rect& slider, double kl_weight);

// A button that opens the translator of losses, and its dialog over the middle of the window.
void draw_loss_translator(Controls& controls);

// The parameters of this place that no other function draws, each with a text field.
void draw_listed(Controls& controls, Parameter::Place place);

// The section that defines the model: kind, sizes, loss, Apply.
void draw_model_controls(Controls& controls);

// A switch at the right end of a section's heading that shows or hides the rarer options. pending:
// one of them was changed and not applied yet.
void more_switch(const PanelFrame& frame, std::string_view name, bool& open, bool pending,
                 const std::string& help);

// The options of the draft's kind: network, pixels, objective, noise, patches; the rarer ones only
// if "more" is on. nothing: why none can be changed; empty: they can.
void draw_model_options(Controls& controls, const std::string& nothing);
bool rare_options_differ(const ModelSpec& draft, const ModelSpec& held);

// The values of a parameter as the entries of an open list.
void draw_entries(Controls& controls, const Parameter& row);

// Why the draft cannot become this candidate; empty: it can, or the candidate has the same fault.
std::string why_not_become(const ModelSpec& draft, const ModelSpec& candidate);

// The schedule of λ over a run: the choice, of this width, and the details of a schedule that is
// not constant.
void draw_schedule_choice(Controls& controls, float width, const std::string& why_not);
void draw_schedule(Controls& controls);

// A small button at the right end of the present row, with its menu.
void draw_file_menu(FileMenuState& state, const PanelFrame& frame);

// The section that loads data, and the options with which it does.
void draw_data_controls(Controls& controls);

// The number of inputs held out of training, and the patience.
void draw_hold_out(Controls& controls);

}  // namespace zscape
