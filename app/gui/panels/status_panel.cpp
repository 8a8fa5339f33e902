#include "app/gui/panels/status_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "app/gui/view/format.h"

namespace zscape {
namespace {

const char* name_of_state(RunState state) {
  switch (state) {
    case RunState::loading:
      return "loading";
    case RunState::paused:
      return "paused";
    case RunState::running:
      return "training";
  }
  return "";
}

// A muted label with its value; the value keeps the width of its longest form so far expected, so
// that the line does not jump while numbers grow.
void figure(const PanelFrame& frame, const char* label, const std::string& value,
            const char* longest) {
  const Theme& theme = frame.theme;
  small_text(theme, label);
  ImGui::SameLine(0, theme.px(5));
  ImGui::PushFont(theme.small);
  const float room = ImGui::CalcTextSize(longest).x;
  const float width = ImGui::CalcTextSize(value.c_str()).x;
  ImGui::PopFont();
  small_text(theme, value.c_str(), color::kText);
  ImGui::SameLine(0, theme.px(18) + std::max(0.0f, room - width));
}

void draw_state(RunState state, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const ImU32 tint = state == RunState::running   ? color::kAccent
                     : state == RunState::loading ? color::kMuted
                                                  : color::kText;
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float radius = theme.px(4);
  const float middle = at.y + height_of(theme.small) / 2;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (state == RunState::running) {
    list.AddCircleFilled({at.x + radius, middle}, radius, tint, 12);
  } else {
    list.AddCircle({at.x + radius, middle}, radius - 0.5f, tint, 12, theme.px(1.5f));
  }
  ImGui::Dummy({2 * radius, height_of(theme.small)});
  ImGui::SameLine(0, theme.px(6));
  small_text(theme, name_of_state(state), tint);
  frame.widgets.note("state");
  ImGui::SameLine(0, theme.px(18));
}

void draw_activity(const Activity& activity, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  small_text(theme, activity.text.c_str(), color::kText);
  ImGui::SameLine(0, theme.px(8));
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = theme.px(110), height = theme.px(4);
  const float top = std::round(at.y + (height_of(theme.small) - height) / 2);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled({at.x, top}, {at.x + width, top + height}, color::kRaised, height / 2);
  float low = 0, high = 0;
  if (activity.fraction >= 0) {
    high = static_cast<float>(std::clamp(activity.fraction, 0.0, 1.0));
  } else {  // unknown: a piece that wanders
    const auto phase = static_cast<float>(std::fmod(frame.time_s, 1.6) / 1.6);
    low = std::max(0.0f, phase * 1.3f - 0.3f);
    high = std::min(1.0f, phase * 1.3f);
  }
  list.AddRectFilled({at.x + low * width, top}, {at.x + high * width, top + height}, color::kAccent,
                     height / 2);
  ImGui::Dummy({width, height_of(theme.small)});
  frame.widgets.note("activity");
  ImGui::SameLine(0, theme.px(18));
}

}  // namespace

void draw_status_panel(const Snapshot& snapshot, ModelId model, const WindowFigures& window,
                       const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding,
                      ImVec2(theme.px(14), (frame.rect.size.y - height_of(theme.small)) / 2));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, ImVec2(1, 1));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0.0f);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0.0f);
  begin_panel("##status", frame, ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  if (const ModelView* view = snapshot.find(model)) {
    draw_state(view->state, frame);
    figure(frame, "step", format_count(view->position.step), "100,000");
    figure(frame, "epoch", format_count(view->position.epoch), "100");
    figure(frame, "samples/s", format_rate(view->samples_per_second), "100,000");
    if (view->spec.has_prior()) {
      figure(frame, "λ", format_setting(view->settings.kl_weight), "0.015");
    }
  }
  if (snapshot.activity) draw_activity(*snapshot.activity, frame);

  // At the right end: what the machine is.
  const std::string frames = window.frames_per_second > 0
                                 ? fmt::format("{:.0f}", window.frames_per_second)
                                 : std::string("–");
  const std::string right = frames + " frames/s" + (theme.software_rendering ? " (software)" : "") +
                            "   ·   " + snapshot.device;
  ImGui::PushFont(theme.small);
  const float width = ImGui::CalcTextSize(right.c_str()).x;
  ImGui::PopFont();
  const float place = ImGui::GetWindowWidth() - width - theme.px(14);
  if (!window.warning.empty()) {
    ImGui::PushFont(theme.small);
    const float room = ImGui::CalcTextSize(window.warning.c_str()).x + theme.px(18);
    ImGui::PopFont();
    if (place > ImGui::GetCursorPosX() + room) {
      small_text(theme, window.warning.c_str(), color::kError);
      frame.widgets.note("status_warning");
      ImGui::SameLine(0, theme.px(18));
    }
  }
  if (place > ImGui::GetCursorPosX()) {
    ImGui::SetCursorPosX(place);
    small_text(theme, right.c_str());
  }
  end_panel();
  ImGui::PopStyleVar(4);
}

}  // namespace zscape
