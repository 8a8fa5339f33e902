#include "app/gui/panels/frame/close_question.h"

#include <fmt/format.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {

namespace {

// A question over the middle of the window. ImGui::EndPopup() follows where it returns true.
bool begin_question(const char* name, bool open, const char* title, const PanelFrame& frame) {
  if (open) ImGui::OpenPopup(name);
  ImGui::SetNextWindowPos(
      {frame.rect.origin.x + frame.rect.size.x / 2, frame.rect.origin.y + frame.rect.size.y / 2},
      ImGuiCond_Always, {0.5f, 0.5f});
  ImGui::SetNextWindowSize({frame.theme.px(460), 0});
  if (!ImGui::BeginPopupModal(name, nullptr,
                              ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize |
                                  ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings)) {
    return false;
  }
  section(frame, title);
  return true;
}

bool pressed(ImGuiKey key) {
  return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key));
}

}  // namespace

std::optional<bool> draw_question(bool open, const Question& question, const PanelFrame& frame) {
  const std::string popup = "##" + question.name + "_question";
  if (!begin_question(popup.c_str(), open, question.title, frame)) return std::nullopt;
  const Theme& theme = frame.theme;
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(question.text.c_str());
  ImGui::PopTextWrapPos();
  ImGui::Dummy({0, theme.px(4)});
  std::optional<bool> answer;
  const float narrow = theme.px(92);
  const float wide = ImGui::GetContentRegionAvail().x - narrow - ImGui::GetStyle().ItemSpacing.x;
  if (button(frame, question.name + "_cancel", tr("Cancel"), narrow,
             tr("Leave it. Esc does the same.")) ||
      pressed(ImGuiKey_Escape)) {
    answer = false;
  }
  ImGui::SameLine();
  if (button(frame, question.name, question.yes, wide, question.yes_help, {}, Emphasis::accent)) {
    answer = true;
  }
  if (answer) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
  return answer;
}

std::optional<CloseAnswer> draw_close_question(bool open, std::int64_t unsaved_steps,
                                               const char* target, const PanelFrame& frame) {
  if (!begin_question("##close_question", open, tr("Close zscape?"), frame)) return std::nullopt;
  const Theme& theme = frame.theme;
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(tr("The model has learned {} {} since it was saved. Save writes "
                            "it to {}.",
                            format_count(unsaved_steps), unsaved_steps == 1 ? "step" : "steps",
                            shorten_words(target, 44))
                             .c_str());
  ImGui::PopTextWrapPos();
  ImGui::Dummy({0, theme.px(4)});
  std::optional<CloseAnswer> answer;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float narrow = theme.px(92);
  const float wide = ImGui::GetContentRegionAvail().x - 2 * (narrow + gap);
  if (button(frame, "close_cancel", tr("Cancel"), narrow, tr("Go on. Esc does the same.")) ||
      pressed(ImGuiKey_Escape)) {
    answer = CloseAnswer::cancel;
  }
  ImGui::SameLine();
  if (button(frame, "close_discard", tr("Close without saving"), wide,
             tr("What was learned since is lost."))) {
    answer = CloseAnswer::discard;
  }
  ImGui::SameLine();
  if (button(frame, "close_save", tr("Save"), narrow, tr("Save, then close. Enter does the same."),
             {}, Emphasis::accent) ||
      pressed(ImGuiKey_Enter)) {
    answer = CloseAnswer::save;
  }
  if (answer) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
  return answer;
}

bool draw_first_hint(const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImGui::PushFont(theme.small);
  const char* text =
      tr("Move over the points to decode, click to pin a picture.   ? shows the rest");
  const float pad = theme.px(10), cross = theme.px(20);
  const float room = frame.rect.size.x - 2 * pad - cross - theme.px(24);
  const ImVec2 inner = ImGui::CalcTextSize(text, nullptr, false, room);
  const ImVec2 size(inner.x + 2 * pad + cross, inner.y + theme.px(14));
  const ImVec2 at(std::round(frame.rect.origin.x + (frame.rect.size.x - size.x) / 2),
                  frame.rect.origin.y + frame.rect.size.y - size.y - theme.px(34));
  ImGui::SetNextWindowPos(at);
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, ImVec2(1, 1));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, theme.px(5));
  ImGui::PushStyleColor(ImGuiCol_WindowBg, color::kOverlay);
  ImGui::PushStyleColor(ImGuiCol_Border, color::kAccent);
  ImGui::Begin("##first_hint", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoNav |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing);
  ImGui::SetCursorPos({pad, theme.px(7)});
  ImGui::PushTextWrapPos(pad + room + 1);
  ImGui::TextUnformatted(text);
  ImGui::PopTextWrapPos();
  frame.widgets.note("first_hint");
  const ImVec2 spot(at.x + size.x - cross - theme.px(3), at.y + (size.y - cross) / 2);
  const bool dismissed = cross_button(frame, "dismiss_hint", spot, cross);
  ImGui::End();
  ImGui::PopStyleColor(2);
  ImGui::PopStyleVar(3);
  ImGui::PopFont();
  return dismissed;
}

}  // namespace zscape
