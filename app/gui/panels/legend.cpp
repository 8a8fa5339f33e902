#include "app/gui/panels/legend.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>

#include "app/gui/view/format.h"

namespace zscape {
namespace {

void isolate(std::size_t label, std::size_t classes, HiddenLabels& hidden) {
  HiddenLabels others;
  for (std::size_t other = 0; other < classes; ++other) others.set(other, other != label);
  hidden = hidden == others ? HiddenLabels() : others;
}

void draw_entry(const std::string& name, int points, std::size_t label, std::size_t classes,
                LegendLook look, HiddenLabels& hidden, const PanelFrame& frame) {
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
  if (label > 0 || look.continues) {
    ImGui::SameLine(0, frame.theme.px(4));
    if (ImGui::GetCursorScreenPos().x + width > row_end) ImGui::NewLine();
  }
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImGui::PushID(static_cast<int>(label));
  const ImVec2 size{width, name_size.y + frame.theme.px(4)};
  ImGui::InvisibleButton("label", size);
  ImGui::PopID();
  frame.widgets.note(fmt::format("label_{}", label));
  if (ImGui::IsItemClicked(ImGuiMouseButton_Left)) {
    if (ImGui::GetIO().KeyCtrl) {
      hidden.flip(label);
    } else {
      isolate(label, classes, hidden);
    }
  }
  const bool hovered = ImGui::IsItemHovered();
  tooltip(frame.theme,
          "Click: show this class alone, or all again. Ctrl-click: switch it off or on.");

  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered) {
    list.AddRectFilled(corner, {corner.x + size.x, corner.y + size.y}, color::kRaised,
                       frame.theme.px(4));
  }
  const ImVec2 center{corner.x + frame.theme.px(4) + dot / 2, corner.y + size.y / 2};
  const ImU32 rgba = look.colored ? class_color(static_cast<int>(label)) : color::kMuted;
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
                 HiddenLabels& hidden, LegendLook look, const PanelFrame& frame) {
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
    draw_entry(names[label], counts[label], label, classes, look, hidden, frame);
  }
  ImGui::PopStyleVar();
  ImGui::PopFont();
}

}  // namespace zscape
