#include "app/gui/panels/legend.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>

#include "app/gui/view/format.h"

namespace zscape {
namespace {

// Switches labels off and on; a click with Shift or the right button shows one label alone.
void draw_entry(const std::string& name, int points, std::size_t label, HiddenLabels& hidden,
                const PanelFrame& frame) {
  const bool off = hidden[label];
  const std::string count = format_count(points);
  const ImVec2 name_size = ImGui::CalcTextSize(name.c_str());
  // Room for any usual count: the rows must not change while the counts do.
  const float count_width =
      std::max(ImGui::CalcTextSize(count.c_str()).x, ImGui::CalcTextSize("00,000").x);
  const float dot = frame.theme.px(10);
  const float gap = frame.theme.px(5);
  const float width = dot + gap + name_size.x + gap + count_width + frame.theme.px(8);
  const float row_end = frame.rect.origin.x + frame.rect.size.x - frame.theme.px(14);
  if (label > 0) {
    ImGui::SameLine(0, frame.theme.px(4));
    if (ImGui::GetCursorScreenPos().x + width > row_end) ImGui::NewLine();
  }
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImGui::PushID(static_cast<int>(label));
  const ImVec2 size{width, name_size.y + frame.theme.px(4)};
  ImGui::InvisibleButton("label", size,
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight);
  ImGui::PopID();
  frame.widgets.note(fmt::format("label_{}", label));
  const bool left = ImGui::IsItemClicked(ImGuiMouseButton_Left);
  const bool alone =
      ImGui::IsItemClicked(ImGuiMouseButton_Right) || (left && ImGui::GetIO().KeyShift);
  if (alone) {
    HiddenLabels others = HiddenLabels().set();
    others.reset(label);
    hidden = hidden == others ? HiddenLabels() : others;
  } else if (left) {
    hidden.flip(label);
  }
  const bool hovered = ImGui::IsItemHovered();
  tooltip(frame.theme, "Click: hide or show. Right click: show this one alone, or all again.");

  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered) {
    list.AddRectFilled(corner, {corner.x + size.x, corner.y + size.y}, color::kRaised,
                       frame.theme.px(4));
  }
  const ImVec2 center{corner.x + frame.theme.px(4) + dot / 2, corner.y + size.y / 2};
  const ImU32 rgba = class_color(static_cast<int>(label));
  if (off) {
    list.AddCircle(center, dot / 2 - 1, color::kFaint, 14, frame.theme.px(1.5f));
  } else {
    list.AddCircleFilled(center, dot / 2, rgba, 14);
  }
  const float text_y = corner.y + frame.theme.px(2);
  const float name_x = corner.x + frame.theme.px(4) + dot + gap;
  list.AddText({name_x, text_y}, off ? color::kFaint : color::kText, name.c_str());
  list.AddText({name_x + name_size.x + gap, text_y}, off ? color::kFaint : color::kMuted,
               count.c_str());
}

}  // namespace

void draw_legend(const std::vector<std::string>& names, std::span<const int> counts,
                 HiddenLabels& hidden, const PanelFrame& frame) {
  const auto classes = std::min(names.size(), std::size_t{kMaxLabels});
  const float highest = frame.rect.origin.y + frame.rect.size.y / 3;
  ImGui::PushFont(frame.theme.small);
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(frame.theme.px(4), frame.theme.px(2)));
  for (std::size_t label = 0; label < classes; ++label) {
    // A third of the panel belongs to the legend at most.
    if (ImGui::GetCursorScreenPos().y > highest) {
      const std::string rest = fmt::format("and {} more", classes - label);
      small_text(frame.theme, rest.c_str());
      break;
    }
    draw_entry(names[label], counts[label], label, hidden, frame);
  }
  ImGui::PopStyleVar();
  ImGui::PopFont();
}

}  // namespace zscape
