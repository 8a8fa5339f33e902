#include "app/gui/panels/frame/status_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/comparison.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

const char* name_of_state(const ModelView& model, const Snapshot& snapshot) {
  switch (model.state) {
    case RunState::loading:
      if (shows_given_codes(model)) return tr("codes alone");
      return has_failed(snapshot) ? tr("no data") : tr("loading");
    case RunState::paused:
      return is_fitted(model) ? tr("fitted") : tr("paused");
    case RunState::running:
      return tr("training");
  }
  return "";
}

// A muted label with its value. The value has the width of its longest usual form, so that the line
// does not jump while numbers grow.
void figure(const PanelFrame& frame, const char* label, const std::string& value,
            const char* longest) {
  const Theme& theme = frame.theme;
  small_text(theme, label);
  ImGui::SameLine(0, theme.px(5));
  small_text(theme, value.c_str(), color::kText);
  const float room = width_of(theme.small, longest) - width_of(theme.small, value.c_str());
  ImGui::SameLine(0, theme.px(18) + std::max(0.0f, room));
}

void draw_state(const ModelView& model, const Snapshot& snapshot, const PanelFrame& frame) {
  const RunState state = model.state;
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
  small_text(theme, name_of_state(model, snapshot), tint);
  frame.widgets.note("state");
  ImGui::SameLine(0, theme.px(18));
}

// The background job, its progress and a cross to cancel it. Returns whether the cross was clicked.
bool draw_activity(const Activity& activity, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  // The middle of a long path is left out.
  small_text(theme, shorten_words(activity.text, 32).c_str(), color::kText);
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
  bool cancelled = false;
  if (activity.can_cancel) {
    ImGui::SameLine(0, theme.px(6));
    const float side = height_of(theme.small) + theme.px(4);
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const ImVec2 middle(corner.x + side / 2, std::floor(at.y + height_of(theme.small) / 2) + 0.5f);
    cancelled = ImGui::InvisibleButton("cancel_activity", {side, height_of(theme.small)});
    frame.widgets.note("cancel_activity");
    const bool hovered = ImGui::IsItemHovered();
    tooltip(theme, tr("Cancel: {}", activity.text).c_str());
    if (hovered) list.AddCircleFilled(middle, side / 2, color::kRaisedHover, 16);
    draw_cross(list, middle, theme.px(3.5f), hovered ? color::kText : color::kMuted,
               theme.px(1.5f));
  }
  ImGui::SameLine(0, theme.px(18));
  return cancelled;
}

// A clickable word with its right end there. Returns whether it was clicked.
bool draw_link(const PanelFrame& frame, const char* name, const char* text, const char* help,
               float& right) {
  const Theme& theme = frame.theme;
  const Styled styled(theme.small);
  const ImVec2 size = ImGui::CalcTextSize(text);
  const float pad = theme.px(7);
  right -= size.x + 2 * pad;
  ImGui::SetCursorPos({right, 0});
  const bool clicked = ImGui::InvisibleButton(name, {size.x + 2 * pad, frame.rect.size.y});
  frame.widgets.note(name);
  const bool hovered = ImGui::IsItemHovered();
  const ImVec2 low = ImGui::GetItemRectMin();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered) {
    list.AddRectFilled({low.x, low.y + theme.px(4)},
                       {low.x + size.x + 2 * pad, low.y + frame.rect.size.y - theme.px(4)},
                       color::kRaised, theme.px(4));
  }
  list.AddText({low.x + pad, std::floor(low.y + (frame.rect.size.y - height_of(theme.small)) / 2)},
               hovered ? color::kText : color::kMuted, text);
  tooltip(theme, help);
  return clicked;
}

// What to do first, at the right end of the line, with a cross to take it away. It stands here and
// not in the plot, where it would cover figures. Returns whether the cross was clicked.
bool draw_first_hint(const PanelFrame& frame, float right) {
  const Theme& theme = frame.theme;
  const float side = height_of(theme.small) + theme.px(6), gap = theme.px(4);
  const float left = ImGui::GetCursorPosX();
  const char* text =
      tr("Move over the points to decode them, click to pin a picture. Press ? for more.");
  if (left + width_of(theme.small, text) + gap + side > right) text = tr("Press ? for help.");
  const float width = width_of(theme.small, text);
  if (left + width + gap + side > right) return false;
  ImGui::SetCursorPosX(right - side - gap - width);
  small_text(theme, text, color::kAccent);
  frame.widgets.note("first_hint");
  const ImVec2 corner = ImGui::GetWindowPos();
  return cross_button(frame, "dismiss_hint",
                      {corner.x + right - side, corner.y + (frame.rect.size.y - side) / 2}, side);
}

}  // namespace

bool has_failed(const Snapshot& snapshot) {
  return !snapshot.data && !snapshot.activity &&
         std::ranges::any_of(snapshot.notices, &Notice::is_error);
}

StatusRequests draw_status_panel(const Snapshot& snapshot, ModelId model,
                                 const WindowFigures& window, const PanelFrame& frame) {
  StatusRequests requests;
  const Theme& theme = frame.theme;
  Styled styled;
  styled.var(ImGuiStyleVar_WindowPadding,
             {theme.px(14), (frame.rect.size.y - height_of(theme.small)) / 2});
  styled.var(ImGuiStyleVar_WindowMinSize, {1, 1});
  styled.var(ImGuiStyleVar_WindowBorderSize, 0.0f);
  styled.var(ImGuiStyleVar_WindowRounding, 0.0f);
  begin_panel("##status", frame, kNoScroll);
  if (const ModelView* view = snapshot.find(model)) {
    draw_state(*view, snapshot, frame);
    figure(frame, tr("step"), step_text(*view), "100,000");
    // In a narrow window, the background job and the links come first.
    const float reserved = theme.px(snapshot.activity ? 420 : 130);
    const auto fits = [&](float width) {
      return ImGui::GetCursorPosX() + theme.px(width) + reserved <= ImGui::GetWindowWidth();
    };
    const bool waits = window.hint && window.warning.empty();
    if (!waits && fits(80)) figure(frame, tr("epoch"), format_count(view->position.epoch), "100");
    if (!waits && fits(130)) {
      figure(frame, tr("samples/s"), format_rate(view->samples_per_second), "100,000");
    }
    if (!waits && fits(60) && view->spec.has_prior()) {
      figure(frame, "λ", format_setting(view->settings.kl_weight), "0.015");
    }
  }
  if (snapshot.activity) requests.cancel = draw_activity(*snapshot.activity, frame);

  // At the right end: the machine, then settings and help.
  const ImVec2 cursor = ImGui::GetCursorPos();
  float end = ImGui::GetWindowWidth() - theme.px(7);
  requests.help =
      draw_link(frame, "help_link", tr("Help"), tr("Show what mouse and keys do (? or F1)"), end);
  requests.settings = draw_link(frame, "settings_link", tr("Settings"),
                                tr("Choose theme, text size, motion and colours"), end);
  requests.switches_place =
      window.in_lab
          ? draw_link(frame, "place_link", tr("Explore"), tr("Back to the latent space alone (F2)"),
                      end)
          : draw_link(frame, "place_link", tr("Lab"),
                      tr("Questions about autoencoders as experiments: predict, then measure (F4)"),
                      end);
  ImGui::SetCursorPos(cursor);
  const std::string frames = fmt::format("{:.0f}", window.frames_per_second);
  const std::string right = window.frames_per_second <= 0 ? snapshot.device  // it rests
                            : theme.software_rendering
                                ? tr("{} frames/s (software)   ·   {}", frames, snapshot.device)
                                : tr("{} frames/s   ·   {}", frames, snapshot.device);
  const float place = end - width_of(theme.small, right.c_str()) - theme.px(11);
  if (!window.warning.empty()) {  // it matters more than the machine
    small_text(theme, window.warning.c_str(), color::kError);
    frame.widgets.note("status_warning");
    ImGui::SameLine(0, theme.px(18));
  }
  if (window.hint && window.warning.empty()) {
    requests.dismiss_hint = draw_first_hint(frame, end - theme.px(11));
  } else if (place > ImGui::GetCursorPosX()) {
    ImGui::SetCursorPosX(place);
    small_text(theme, right.c_str());
  }
  ImGui::End();
  return requests;
}

}  // namespace zscape
