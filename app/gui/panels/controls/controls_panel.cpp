#include "app/gui/panels/controls/controls_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/panels/controls/controls.h"
#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/frame/path_prompt.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {
namespace {

// λ: the left 4 % of the track are 0, so that 0 is easy to hit.
constexpr double kZeroPart = 0.04;
constexpr double kLowestWeight = 0.01, kHighestWeight = 100;
constexpr std::array kWeightPresets = {0.0, 0.1, 1.0, 4.0, 20.0, 100.0};

constexpr double kLowestRate = 1e-5, kHighestRate = 1e-1;
constexpr std::array kBatchSizes = {16, 32, 64, 128, 256, 512, 1024};

// Two significant digits, as precise as a hand can be.
double rounded(double value) {
  if (!(value > 0)) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1);
  // By way of text: 3 · 0.01 is not 0.03.
  double result = value;
  parse_number(fmt::format("{:.12g}", std::round(value / unit) * unit), result);
  return result;
}

double rate_at(double position) {
  return rounded(kLowestRate * std::pow(kHighestRate / kLowestRate, position));
}
double rate_position(double rate) {
  return std::log(rate / kLowestRate) / std::log(kHighestRate / kLowestRate);
}

// Models side by side start, pause and step together: a button works if one of them can.
bool any_model(const Controls& controls, bool (*can)(RunState), bool learns) {
  return std::ranges::any_of(controls.snapshot.models, [&](const ModelView& model) {
    return can(model.state) && !(learns && is_fitted(model));
  });
}

// With several open models, a row to choose the one that the panel belongs to. Returns the model
// that was clicked.
std::optional<ModelId> draw_model_choice(const Snapshot& snapshot, ModelId model,
                                         const PanelFrame& frame) {
  if (snapshot.models.size() < 2) return {};
  std::optional<ModelId> chosen;
  const float gap = frame.px(2);
  const auto count = static_cast<float>(snapshot.models.size());
  const float width = std::floor((ImGui::GetContentRegionAvail().x - (count - 1) * gap) / count);
  for (const ModelView& view : snapshot.models) {
    if (&view != &snapshot.models.front()) ImGui::SameLine(0, gap);
    const std::string name = fmt::format("choose_model_{}", view.id.value);
    if (choice(frame, name, name_with_lambda(view).c_str(), width, view.id == model,
               tr("Controls, figures, time line and marks belong to this model."))) {
      chosen = view.id;
    }
  }
  return chosen;
}

void draw_run_buttons(Controls& controls) {
  const RunState state = controls.run_state();
  const PanelFrame& frame = controls.frame;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float width = std::floor((controls.width() - 3 * gap) / 4);
  const char* loading = state == RunState::loading ? controls.why_no_model() : nullptr;
  const bool fitted = controls.view && is_fitted(*controls.view);
  const auto why = [&](const char* reason) {
    return loading  ? loading
           : fitted ? tr("PCA is fitted in one step and has nothing left to learn.")
                    : reason;
  };
  if (button(frame, "play", tr("Play"), width, tr("Train until you pause"),
             controls.unless(any_model(controls, can_start, true),
                             why(tr("The model is training already."))),
             Emphasis::accent)) {
    controls.commands.push_back(Start{controls.model});
  }
  ImGui::SameLine();
  if (button(frame, "pause", tr("Pause"), width,
             tr("Stop after the current step. Both splits are then encoded completely."),
             controls.unless(any_model(controls, can_pause, false),
                             why(tr("The model is paused already."))),
             any_model(controls, can_pause, false) ? Emphasis::accent : Emphasis::normal)) {
    controls.commands.push_back(Pause{controls.model});
  }
  ImGui::SameLine();
  if (button(frame, "step", tr("Step"), width, tr("Take one optimisation step with one batch"),
             controls.unless(any_model(controls, can_step, true), why(tr("Pause first."))))) {
    controls.commands.push_back(Step{controls.model});
  }
  ImGui::SameLine();
  if (button(frame, "reset", tr("Reset"), width,
             tr("Start again with new weights drawn from the seed. The curves of this run stay "
                "behind the new ones for comparison."),
             controls.unless(can_reset(state), controls.why_no_model()))) {
    controls.commands.push_back(Reset{controls.model});
  }
}

// The preset values as a scale below the slider.
std::optional<double> draw_weight_scale(const Controls& controls, double held, float width,
                                        const std::string& why_not) {
  const Theme& theme = controls.frame.theme;
  std::optional<double> chosen;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float inset = slider_inset(theme), pad = theme.px(5);
  const Styled styled(theme.small);
  const float height = ImGui::GetFontSize() + theme.px(4);
  for (const double preset : kWeightPresets) {
    const std::string text = format_setting(preset);
    const float text_width = ImGui::CalcTextSize(text.c_str()).x;
    const float middle =
        at.x + inset + static_cast<float>(position_of(preset)) * (width - 2 * inset);
    const float left =
        std::clamp(middle - text_width / 2 - pad, at.x, at.x + width - text_width - 2 * pad);
    ImGui::SetCursorScreenPos({std::round(left), at.y});
    ImGui::BeginDisabled(!why_not.empty());
    const std::string name = "lambda_" + text;
    if (ImGui::InvisibleButton(name.c_str(), {text_width + 2 * pad, height})) chosen = preset;
    const bool hovered = ImGui::IsItemHovered();
    ImGui::EndDisabled();
    controls.frame.widgets.note(name);
    tooltip(theme, why_not.empty() ? tr("Set λ to {}", text).c_str() : why_not.c_str());
    ImGui::GetWindowDrawList()->AddRectFilled(
        {std::round(left), at.y - theme.px(1)},
        {std::round(left) + text_width + 2 * pad, at.y + height - theme.px(1)},
        with_alpha(hovered ? color::kRaisedHover : color::kRaised, why_not.empty() ? 1.0f : 0.4f),
        theme.px(4));
    const ImU32 tint = !why_not.empty() ? color::kFaint
                       : hovered        ? color::kText
                       : preset == held ? color::kAccent
                                        : color::kMuted;
    ImGui::GetWindowDrawList()->AddText({std::round(left + pad), at.y}, tint, text.c_str());
  }
  ImGui::SetCursorScreenPos(at);
  ImGui::Dummy({width, height + theme.px(4)});
  return chosen;
}

void draw_kl_weight(Controls& controls) {
  const PanelFrame& frame = controls.frame;
  FieldEdit& edit = controls.state.kl_weight;
  const Parameter& row = parameter("lambda");
  const std::string help = row.tooltip();
  const std::string why_not = controls.why_not(row, controls.plan());
  const double held = controls.view ? controls.view->settings.kl_weight : 1;
  const auto set = [&](double value) {
    edit.ask(value, frame.time_s);
    if (controls.view->kl_schedule.kind != KlSchedule::Kind::constant) {
      controls.state.schedule_ended_s = frame.time_s;
    }
    controls.commands.push_back(SetKlWeight{controls.model, value});
  };

  row_label(frame, row.label);
  const float field = frame.px(is_compact(frame) ? 52 : 68);
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
  draw_schedule_choice(controls, controls.width() - field - gap, why_not);
  ImGui::SameLine(0, gap);
  if (const auto typed = number_field(frame, "lambda_value", edit, held, row.field.least,
                                      row.field.most, field, help, why_not)) {
    set(*typed);
  }
  const float width = controls.width();
  const double shown = edit.value_to_show(held, frame.time_s);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, 0));
  const auto moved = slider(frame, "lambda", position_of(shown), width, help, why_not);
  if (moved && kl_weight_at(*moved) != shown) set(kl_weight_at(*moved));
  const Rect track = frame.widgets.find("lambda").value_or(Rect{});
  // Without λ, a small panel needs the room for other options.
  if (!is_compact(frame) || why_not.empty()) {
    if (const auto preset = draw_weight_scale(controls, shown, width, why_not)) set(*preset);
  }
  if (controls.view) {
    const bool is_set = controls.view->kl_schedule.kind == KlSchedule::Kind::constant;
    draw_forecast(controls, track, is_set ? shown : coming_kl_weight(*controls.view));
  }
  ImGui::PopStyleVar();
  draw_schedule(controls);
}

void draw_learning_rate(Controls& controls) {
  const PanelFrame& frame = controls.frame;
  FieldEdit& edit = controls.state.learning_rate;
  const Parameter& row = parameter("learning_rate");
  const std::string help = row.tooltip();
  const std::string why_not = controls.why_not(row, controls.plan());
  const double held = controls.view ? controls.view->settings.learning_rate : 1e-3;
  const auto set = [&](double value) {
    edit.ask(value, frame.time_s);
    controls.set(row, fmt::format("{}", value));
  };
  row_label(frame, row.label);
  const float field = frame.px(68), gap = ImGui::GetStyle().ItemSpacing.x;
  const double shown = edit.value_to_show(held, frame.time_s);
  const auto moved = slider(frame, "learning_rate", rate_position(shown),
                            controls.width() - field - gap, help, why_not);
  if (moved && rate_at(*moved) != shown) set(rate_at(*moved));
  ImGui::SameLine();
  if (const auto typed = number_field(frame, "learning_rate_value", edit, held, row.field.least,
                                      row.field.most, field, help, why_not)) {
    set(*typed);
  }
}

void draw_batch_and_seed(Controls& controls) {
  const PanelFrame& frame = controls.frame;
  const Parameter& batch = parameter("batch");
  const Parameter& seed_row = parameter("seed");
  const std::string why_not = controls.why_not(batch, controls.plan());

  const bool compact = is_compact(frame);
  row_label(frame, batch.label);
  const float top = ImGui::GetCursorPosY();
  const int held = controls.view ? controls.view->settings.batch_size : 128;
  const int shown = static_cast<int>(controls.state.batch_size.value_to_show(held, frame.time_s));
  if (begin_choices(frame, "batch", std::to_string(shown), compact ? frame.px(64) : -1,
                    batch.tooltip(), why_not)) {
    for (const int size : kBatchSizes) {
      const std::string text = fmt::format("{}", size);
      if (list_entry(text.c_str(), size == shown)) {
        controls.state.batch_size.ask(size, frame.time_s);
        controls.set(batch, text);
      }
      frame.widgets.note("batch_" + text);
    }
    ImGui::EndCombo();
  }

  const bool changed = controls.view && controls.view->next_seed != controls.view->seed;
  next_label(frame, seed_row.label, changed, top);
  const double seed = controls.view ? static_cast<double>(controls.view->next_seed) : 0;
  constexpr double kLargestExact = 9007199254740992.0;  // 2^53
  if (const auto typed = number_field(frame, "seed", controls.state.seed, seed, 0, kLargestExact,
                                      compact ? -1 : frame.px(84), seed_row.tooltip(), why_not,
                                      /*whole=*/true)) {
    controls.set(seed_row, std::to_string(std::llround(*typed)));
  }
  if (compact) return;
  ImGui::SameLine();
  // Centred on the field; the line already includes its padding.
  const float lower = (ImGui::GetFrameHeight() - height_of(frame.theme.small)) / 2;
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + lower - ImGui::GetStyle().FramePadding.y);
  small_text(frame.theme, changed ? tr("used from the next reset") : tr("used at reset"),
             changed ? color::kAccent : color::kMuted);
}

void draw_file(Controls& controls) {
  const PanelFrame& frame = controls.frame;
  ControlsPanelState& state = controls.state;
  const float width = frame.px(is_compact(frame) ? 46 : 58);
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
  if (const auto path = path_field(frame, "path", state.model_path, state.path,
                                   controls.width() - 2 * (width + gap),
                                   tr("The model file (.safetensors) for Save and Open beside it. "
                                      "Enter keeps the name."))) {
    state.path = *path;
  }
  const std::string typed = state.model_path.editing ? state.model_path.text : state.path;
  const std::string empty = typed.empty() ? tr("Type a file name first.") : "";
  ImGui::SameLine(0, gap);
  if (button(frame, "save", tr("Save"), width,
             tr("Write the present weights. PyTorch reads the file too."),
             can_save(controls.run_state()) ? empty : controls.why_no_model())) {
    controls.commands.push_back(SaveModel{controls.model, with_home(typed)});
  }
  ImGui::SameLine(0, gap);
  if (button(frame, "open", tr("Open"), width, tr("Open this model in place of the present one"),
             empty)) {
    controls.commands.push_back(OpenModel{controls.model, with_home(typed)});
  }
}

// What was refused for a former run, model or data says nothing about the present.
void forget_refused_of_former(Controls& controls) {
  if (!controls.view) return;
  const ModelView& view = *controls.view;
  ControlsPanelState& state = controls.state;
  const ControlsSubject now{
      view.id,          view.serial, view.returns, controls.snapshot.data.get(),
      view.ghost.get(), view.seed,   view.spec};
  if (state.subject == now) return;
  state.subject = now;
  const auto forget = [](FieldEdit& edit) {
    if (!edit.editing) edit.refused.reset();
  };
  for (FieldEdit* edit :
       {&state.latent, &state.hidden, &state.sigma, &state.noise, &state.mask_ratio, &state.samples,
        &state.kl_weight, &state.learning_rate, &state.seed, &state.ramp_epochs, &state.cycles,
        &state.validation, &state.patience}) {
    forget(*edit);
  }
  for (auto& [key, edit] : state.listed) forget(edit);
}

// As the parameter's field reads it.
std::string typed_text(const Parameter& parameter, std::string text) {
  if (parameter.field.form == ParameterField::Form::number) return with_decimal_point(text);
  if (parameter.field.form == ParameterField::Form::numbers) std::erase(text, ' ');
  return text;
}

}  // namespace

RunPlan Controls::draft() const {
  RunPlan plan;
  plan.spec = state.draft;
  return plan;
}

std::string Controls::why_not(const Parameter& parameter, const RunPlan& plan) const {
  if (view == nullptr) return kNothingLoaded;
  return parameter.applies(plan) ? "" : parameter.elsewhere;
}

TextCheck Controls::refusal(const Parameter& parameter) const {
  return [&parameter, plan = draft()](const std::string& text) mutable {
    return parameter.field.read(plan, typed_text(parameter, text)) ? std::string()
                                                                   : parameter.field.range;
  };
}

void Controls::set(const Parameter& parameter, const std::string& text) {
  RunPlan wanted = plan();
  if (parameter.field.read(wanted, typed_text(parameter, text))) {
    commands.push_back(setting_command(model, parameter, wanted));
  }
}

void Controls::change_draft(const Parameter& parameter, const std::string& text) {
  RunPlan wanted = draft();
  if (parameter.field.read(wanted, typed_text(parameter, text))) state.draft = wanted.spec;
}

void draw_listed(Controls& controls, Parameter::Place place) {
  for (const Parameter& row : parameters()) {
    if (row.place != place) continue;
    const bool shapes = row.effect == Parameter::Effect::new_model;
    const RunPlan held = controls.plan();
    const RunPlan plan = shapes ? controls.draft() : held;
    row_label(controls.frame, row.label, shapes && row.value(plan) != row.value(held));
    const auto typed =
        text_field(controls.frame, row.key, controls.state.listed[row.key], row.field.text(plan),
                   -1, row.tooltip(), controls.why_not(row, plan), "", controls.refusal(row));
    if (typed && shapes) controls.change_draft(row, *typed);
    if (typed && !shapes) controls.set(row, *typed);
  }
}

double kl_weight_at(double position) {
  if (position < kZeroPart / 2) return 0;
  const double part = std::clamp((position - kZeroPart) / (1 - kZeroPart), 0.0, 1.0);
  return rounded(kLowestWeight * std::pow(kHighestWeight / kLowestWeight, part));
}

double position_of(double kl_weight) {
  if (kl_weight <= 0) return 0;
  const double part =
      std::log(kl_weight / kLowestWeight) / std::log(kHighestWeight / kLowestWeight);
  return kZeroPart + (1 - kZeroPart) * std::clamp(part, 0.0, 1.0);
}

std::vector<Command> draw_controls_panel(const Snapshot& snapshot, ModelId model,
                                         ControlsPanelState& state, const PanelFrame& frame) {
  Controls controls{snapshot, snapshot.find(model), model, state, frame, {}};
  forget_refused_of_former(controls);
  begin_panel("##controls", frame);
  const ImVec2 spacing = ImGui::GetStyle().ItemSpacing;
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing,
                      ImVec2(spacing.x, is_compact(frame) ? frame.px(4) : spacing.y));
  if (const auto other = draw_model_choice(snapshot, model, frame)) state.chosen_model = other;
  section(frame, tr("Training"));
  more_switch(frame, "training_more", state.more_training,
              controls.view && !(controls.view->next_hold_out == controls.view->hold_out),
              state.more_training
                  ? tr("Hide validation and patience")
                  : tr("Show validation and patience, which decide when training stops by itself"));
  draw_run_buttons(controls);
  draw_kl_weight(controls);
  draw_learning_rate(controls);
  draw_batch_and_seed(controls);
  if (state.more_training) {
    draw_hold_out(controls);
    draw_listed(controls, Parameter::Place::more_training);
    draw_loss_translator(controls);
  }
  section(frame, tr("Model"));
  more_switch(frame, "model_more", state.more_model,
              controls.view && rare_options_differ(state.draft, controls.view->spec),
              state.more_model
                  ? tr("Hide the rarer options")
                  : tr("Show the network, the pixels and, for vae and cvae, the objective"));
  draw_model_controls(controls);
  draw_data_controls(controls);
  section(frame, tr("File"));
  draw_file_menu(state.files, frame);
  draw_file(controls);
  ImGui::PopStyleVar();
  ImGui::End();
  return controls.commands;
}

}  // namespace zscape
