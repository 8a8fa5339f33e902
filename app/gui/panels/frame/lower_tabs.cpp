#include "app/gui/panels/frame/lower_tabs.h"

#include <cmath>

namespace zscape {

void draw_lower_tabs(const PanelFrame& frame, LowerTab& tab, bool figures_warn) {
  const Theme& theme = frame.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::PushFont(theme.title);
  LowerTab chosen = tab;
  for (const LowerTabEntry& entry : kLowerTabs) {
    if (&entry != kLowerTabs.data()) ImGui::SameLine(0, theme.px(18));
    const ImVec2 at = ImGui::GetCursorScreenPos(), size = ImGui::CalcTextSize(entry.name);
    if (ImGui::InvisibleButton(entry.widget, size)) chosen = entry.tab;
    frame.widgets.note(entry.widget);
    const bool here = entry.tab == tab, hovered = ImGui::IsItemHovered();
    list.AddText(at, here || hovered ? color::kText : color::kMuted, entry.name);
    if (here) {
      const float y = std::round(at.y + size.y + theme.px(2));
      list.AddLine({at.x, y}, {at.x + size.x, y}, color::kAccent, theme.px(2));
    }
    if (figures_warn && entry.tab == LowerTab::figures) {
      list.AddCircleFilled({at.x + size.x + theme.px(6), at.y + theme.px(5)}, theme.px(3),
                           color::kError, 12);
    }
    ImGui::PopFont();
    tooltip(theme, entry.help);
    ImGui::PushFont(theme.title);
  }
  ImGui::PopFont();
  tab = chosen;
}

}  // namespace zscape
