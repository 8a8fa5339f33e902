#include <fmt/format.h>
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <vector>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/preview/preview_panel.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/reach.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kPopup = "type_z";
constexpr int kRows = 3;  // of numbers; the rest is behind the dots
constexpr float kFieldWidth = 260;

// z in rows of this width in the present font, broken between numbers. If z has no room, dots and
// the number of dimensions follow.
std::string coordinates(std::span<const float> z, float width) {
  const auto wide = [](const std::string& text) { return ImGui::CalcTextSize(text.c_str()).x; };
  const std::string rest = fmt::format("  … ({})", z.size());
  std::string text, row;
  int rows = 1;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const std::string number = fmt::format("{}{:+.3f}", row.empty() ? "" : "  ", z[i]);
    const bool is_last = i + 1 == z.size();
    const float reserved = rows < kRows || is_last ? 0 : wide(rest);
    if (!row.empty() && wide(row + number) + reserved > width) {
      if (rows == kRows) return text + row + rest;
      text += row;
      text += '\n';
      row = fmt::format("{:+.3f}", z[i]);
      ++rows;
    } else {
      row += number;
    }
  }
  return text + row;
}

// Why the typed text is no z of that many dimensions; empty: it is one.
std::string problem_of(const std::optional<std::vector<float>>& z, int latent) {
  if (!z) return tr("Type numbers, commas and spaces only.");
  if (!in_reach(*z)) return tr("A number lies beyond ±1,000,000.");
  if (z->size() == static_cast<std::size_t>(latent)) return {};
  return tr("Numbers needed: {}, typed: {}.", latent, z->size());
}

void draw_field(Scene& scene, ZFieldState& state, const PanelFrame& frame) {
  const float margin = frame.px(8);
  const float width = frame.px(kFieldWidth) + 2 * ImGui::GetStyle().WindowPadding.x;
  const float right = ImGui::GetIO().DisplaySize.x - margin;
  ImGui::SetNextWindowPos(
      {std::min(ImGui::GetItemRectMin().x, right - width), ImGui::GetItemRectMax().y + margin / 2},
      ImGuiCond_Appearing);
  if (!ImGui::BeginPopup(kPopup)) return;
  const Theme& theme = frame.theme;
  small_text(theme, tr("Type or paste a z. Enter pins it."));
  if (state.opens) ImGui::SetKeyboardFocusHere();
  state.opens = false;
  ImGui::SetNextItemWidth(theme.px(kFieldWidth));
  const bool entered = ImGui::InputText(
      "##z", &state.text, ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  frame.widgets.note("z_typed");
  auto z = parse_z(state.text);
  double alone = 0;  // "0,5" is one number where one is wanted
  if (scene.latent() == 1 && parse_number(state.text, alone)) z = {static_cast<float>(alone)};
  const std::string problem = problem_of(z, scene.latent());
  const float half = theme.px((kFieldWidth - 8) / 2);
  const bool pins = button(frame, "z_pin", tr("Pin"), half, tr("Pin this place"), problem);
  ImGui::SameLine(0, theme.px(8));
  if (button(frame, "z_copy", tr("Copy"), half, tr("Copy the numbers (Ctrl-C in the window)"))) {
    ImGui::SetClipboardText(state.text.c_str());
    ImGui::CloseCurrentPopup();
  }
  small_text(theme, problem.empty() ? " " : problem.c_str(), color::kError);
  if ((entered || pins) && problem.empty()) {
    scene.add_pin(*z, std::nullopt, scene.label());
    ImGui::CloseCurrentPopup();
  } else if (entered) {
    state.opens = true;  // the field keeps the keyboard for a correction
  }
  ImGui::EndPopup();
}

}  // namespace

void draw_z_field(Scene& scene, ZFieldState& state, const PanelFrame& frame) {
  const std::vector<float> z = scene.shown_z();
  ImGui::PushFont(frame.theme.small);
  const std::string numbers = coordinates(z, ImGui::GetContentRegionAvail().x);
  const ImVec2 low = ImGui::GetCursorScreenPos();
  const ImVec2 size = ImGui::CalcTextSize(numbers.c_str());
  const bool clicked = ImGui::InvisibleButton("z_numbers", size);
  const bool hovered = ImGui::IsItemHovered();
  frame.widgets.note("z_numbers");
  ImGui::GetWindowDrawList()->AddText(low, hovered ? color::kAccent : color::kText,
                                      numbers.c_str());
  ImGui::PopFont();
  tooltip(frame.theme, tr("Click to type, paste or copy a z. Ctrl-C copies it."));
  if (clicked) {
    state = {z_text(z), true};
    ImGui::OpenPopup(kPopup);
  }
  draw_field(scene, state, frame);
}

}  // namespace zscape
