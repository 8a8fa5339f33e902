#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/controls/controls.h"
#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/view/frame/format.h"
#include "engine/sequences.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kRememberedS = 10;  // how long the end of a schedule is reported

// The entry of the table for a kind of schedule.
const ParameterChoice& course_of(KlSchedule::Kind kind) {
  RunPlan plan;
  plan.schedule.kind = kind;
  return *parameter("lambda_schedule").choice(plan);
}

double steps_per_epoch(const ModelView& view) {
  const auto rows = static_cast<double>(std::max<std::int64_t>(view.train_rows, 1));
  return std::max(1.0, std::ceil(rows / view.settings.batch_size));
}

// A schedule with the numbers that the state wants, from this step on.
KlSchedule schedule_of(KlSchedule::Kind kind, std::int64_t first_step, const Controls& controls) {
  if (kind == KlSchedule::Kind::constant) return {};
  return {kind, controls.state.wanted_epochs * steps_per_epoch(*controls.view),
          controls.state.wanted_cycles, first_step};
}

// The factor over the steps of the schedule as a small curve, with the present step on it.
void draw_course(const Controls& controls) {
  const Theme& theme = controls.frame.theme;
  const ModelView& view = *controls.view;
  const KlSchedule& schedule = view.kl_schedule;
  const float width = controls.width(), height = theme.px(34), inset = theme.px(4);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::Dummy({width, height});
  controls.frame.widgets.note("schedule_curve");
  const std::int64_t taken = view.position.step - schedule.first_step;
  const bool over = static_cast<double>(taken) >= schedule.steps;
  tooltip(theme, tr("λ is now {} and will be {} in the end. Step {} of {} of the schedule ({}).",
                    format_setting(view.settings.kl_weight), format_setting(view.final_kl_weight),
                    format_count(taken), format_count(std::llround(schedule.steps)),
                    course_of(schedule.kind).name())
                     .c_str());

  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(at, {at.x + width, at.y + height}, color::kBackground, theme.px(4));
  // A tenth more than the schedule, so that its end is visible.
  const double shown = 1.1 * schedule.steps;
  const float low = at.y + height - inset, high = at.y + inset;
  const auto place = [&](double step) {
    const double factor =
        schedule.factor(schedule.first_step + static_cast<std::int64_t>(std::floor(step)));
    return ImVec2(at.x + static_cast<float>(std::min(step / shown, 1.0)) * (width - 1),
                  low - static_cast<float>(factor) * (low - high));
  };
  const int pieces = std::max(2, static_cast<int>(width));
  for (int i = 0; i <= pieces; ++i) list.PathLineTo(place(shown * i / pieces));
  list.PathStroke(color::kMuted, 0, theme.px(1.5f));
  const ImVec2 now = place(static_cast<double>(taken));
  list.AddLine({std::round(now.x), at.y}, {std::round(now.x), at.y + height},
               with_alpha(color::kAccent, 0.5f));
  list.AddCircleFilled(now, theme.px(over ? 3.0f : 3.5f), color::kAccent, 14);
}

}  // namespace

void draw_schedule_choice(Controls& controls, float width, const std::string& why_not) {
  const PanelFrame& frame = controls.frame;
  ControlsPanelState& state = controls.state;
  const ParameterChoice& held =
      course_of(controls.view ? controls.view->kl_schedule.kind : KlSchedule::Kind::constant);
  const std::string help = fmt::format("{} {}", parameter("lambda_schedule").help, held.help);
  if (begin_choices(frame, "schedule", held.name(), width, help, why_not)) {
    for (const auto kind :
         {KlSchedule::Kind::constant, KlSchedule::Kind::warm_up, KlSchedule::Kind::cyclic}) {
      const ParameterChoice& course = course_of(kind);
      if (list_entry(course.name().c_str(), &course == &held) && controls.view) {
        state.schedule_ended_s = -1e9;
        controls.commands.push_back(SetKlSchedule{
            controls.model, schedule_of(kind, controls.view->position.step, controls)});
      }
      frame.widgets.note(fmt::format("schedule_{}", course.word));
      tooltip(frame.theme, course.help);
    }
    ImGui::EndCombo();
  }
}

void draw_schedule(Controls& controls) {
  const PanelFrame& frame = controls.frame;
  ControlsPanelState& state = controls.state;
  if (!controls.view || !controls.view->spec.has_prior()) return;
  const KlSchedule& held = controls.view->kl_schedule;
  if (held.kind == KlSchedule::Kind::constant) {
    if (frame.time_s - state.schedule_ended_s > kRememberedS) return;
    small_text(frame.theme, tr("You changed λ, which ended its schedule."), color::kAccent);
    frame.widgets.note("schedule_ended");
    return;
  }
  draw_course(controls);

  const float top = ImGui::GetCursorPosY(), field = frame.px(48);
  const auto again = [&] {
    controls.commands.push_back(
        SetKlSchedule{controls.model, schedule_of(held.kind, held.first_step, controls)});
  };
  const auto next = [&] {
    ImGui::SameLine(0, frame.px(6));
    ImGui::SetCursorPosY(top);
  };
  inner_label(frame, tr("over"));
  next();
  const double epochs = held.steps / steps_per_epoch(*controls.view);
  if (const auto typed =
          number_field(frame, "schedule_epochs", state.ramp_epochs, epochs, 1e-3, 1e6, field,
                       tr("The number of epochs that the schedule lasts"))) {
    state.wanted_epochs = *typed;
    again();
  }
  next();
  const bool cyclic = held.kind == KlSchedule::Kind::cyclic;
  inner_label(frame, cyclic ? tr("epochs, cycles") : tr("epochs"));
  if (!cyclic) return;
  next();
  if (const auto typed = number_field(
          frame, "schedule_cycles", state.cycles, held.cycles, 1, 1000, field,
          tr("M, the number of times that λ rises from 0 in these epochs"), {}, true)) {
    state.wanted_epochs = epochs;
    state.wanted_cycles = static_cast<int>(std::lround(*typed));
    again();
  }
}

void draw_hold_out(Controls& controls) {
  const PanelFrame& frame = controls.frame;
  ControlsPanelState& state = controls.state;
  const std::string nothing =
      controls.view && controls.snapshot.data ? std::string() : kNothingLoaded;
  const HoldOut held = controls.view ? controls.view->next_hold_out : HoldOut{};
  const bool pending = controls.view && !(held == controls.view->hold_out);
  const double most = controls.snapshot.data
                          ? static_cast<double>(std::max<std::int64_t>(
                                sequence_count(*controls.snapshot.data, SplitName::train) - 1, 0))
                          : 0;
  const float top = ImGui::GetCursorPosY();
  const Parameter& validation = parameter("validation");
  const Parameter& patient = parameter("patience");
  row_label(frame, validation.label, pending);
  const auto rows =
      number_field(frame, "validation", state.validation, static_cast<double>(held.rows), 0, most,
                   frame.px(is_compact(frame) ? 56 : 64), validation.tooltip(), nothing, true);
  ImGui::SameLine();
  inner_label(frame, patient.label);
  ImGui::SameLine(0, frame.px(6));
  ImGui::SetCursorPosY(top);
  const auto patience =
      number_field(frame, "patience", state.patience, static_cast<double>(held.patience), 0, 1e6,
                   -1, patient.tooltip(),
                   nothing.empty() ? controls.why_not(patient, controls.plan()) : nothing, true);
  if (!rows && !patience) return;
  HoldOut wanted = held;
  if (rows) wanted.rows = std::llround(*rows);
  if (patience) wanted.patience = std::llround(*patience);
  controls.commands.push_back(SetHoldOut{controls.model, wanted});
}

}  // namespace zscape
