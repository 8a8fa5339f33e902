#include "app/gui/panels/frame/close_question.h"

#include <cmath>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {

namespace {

// A question over the middle of the window. Call ImGui::EndPopup() where it returns true.
bool begin_question(const char* name, bool open, const char* title, const std::string& text,
                    const PanelFrame& frame) {
  if (!begin_middle_popup(name, open, frame.px(460), title, frame)) return false;
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  ImGui::Dummy({0, frame.px(4)});
  return true;
}

bool pressed(ImGuiKey key) {
  return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key));
}

}  // namespace

std::optional<bool> draw_question(bool open, const Question& question, const PanelFrame& frame) {
  const std::string popup = "##" + question.name + "_question";
  if (!begin_question(popup.c_str(), open, question.title, question.text, frame)) return {};
  std::optional<bool> answer;
  const float narrow = frame.px(92);
  const float wide = ImGui::GetContentRegionAvail().x - narrow - ImGui::GetStyle().ItemSpacing.x;
  if (button(frame, question.name + "_cancel", tr("Cancel"), narrow,
             tr("Do nothing. Enter and Esc do the same."), {}, Emphasis::accent) ||
      pressed(ImGuiKey_Escape)) {
    answer = false;
  }
  ImGui::SameLine();
  if (button(frame, question.name, question.yes, wide, question.yes_help)) {
    answer = true;
  }
  if (answer) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
  return answer;
}

std::optional<CloseAnswer> draw_close_question(bool open, std::int64_t unsaved_steps,
                                               const char* target, const PanelFrame& frame) {
  const std::string file = shorten_words(target, 44);
  const std::string text =
      unsaved_steps == 1
          ? tr("The model has learned 1 step since it was saved. Save writes it to {}.", file)
          : tr("The model has learned {} steps since it was saved. Save writes it to {}.",
               format_count(unsaved_steps), file);
  if (!begin_question("##close_question", open, tr("Close zscape?"), text, frame)) return {};
  std::optional<CloseAnswer> answer;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float narrow = frame.px(92);
  const float wide = ImGui::GetContentRegionAvail().x - 2 * (narrow + gap);
  if (button(frame, "close_cancel", tr("Cancel"), narrow,
             tr("Keep zscape open. Esc does the same.")) ||
      pressed(ImGuiKey_Escape)) {
    answer = CloseAnswer::cancel;
  }
  ImGui::SameLine();
  if (button(frame, "close_discard", tr("Close without saving"), wide,
             tr("Lose what the model has learned since."))) {
    answer = CloseAnswer::discard;
  }
  ImGui::SameLine();
  if (button(frame, "close_save", tr("Save"), narrow,
             tr("Save the model, then close. Enter does the same."), {}, Emphasis::accent)) {
    answer = CloseAnswer::save;
  }
  if (answer) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
  return answer;
}

}  // namespace zscape
