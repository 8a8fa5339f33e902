#include "app/gui/panels/frame/lower_tabs.h"

#include <cmath>

namespace zscape {
namespace {

struct Entry {
  LowerTab tab;
  const char* name;
  const char* widget;
  const char* help;
};
constexpr Entry kEntries[] = {
    {LowerTab::curves, "Curves", "tab_curves", "Loss, reconstruction and KL over the steps."},
    {LowerTab::figures, "Figures", "tab_figures",
     "What the codes are like now: KL and σ of each dimension, active units; for dae and mae, "
     "what is restored of a corrupted input."},
    {LowerTab::selection, "Selection", "tab_selection",
     "The inputs that are selected in the latent view: their images, their mean, their labels."},
    {LowerTab::worst, "Worst", "tab_worst",
     "The inputs that come back worst from the decoder. A click flies there."},
};

}  // namespace

void draw_lower_tabs(const PanelFrame& frame, LowerTab& tab, bool remark) {
  const Theme& theme = frame.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::PushFont(theme.title);
  LowerTab chosen = tab;
  for (const Entry& entry : kEntries) {
    if (&entry != kEntries) ImGui::SameLine(0, theme.px(18));
    const ImVec2 at = ImGui::GetCursorScreenPos(), size = ImGui::CalcTextSize(entry.name);
    if (ImGui::InvisibleButton(entry.widget, size)) chosen = entry.tab;
    frame.widgets.note(entry.widget);
    const bool here = entry.tab == tab, hovered = ImGui::IsItemHovered();
    list.AddText(at, here || hovered ? color::kText : color::kMuted, entry.name);
    if (here) {
      const float y = std::round(at.y + size.y + theme.px(2));
      list.AddLine({at.x, y}, {at.x + size.x, y}, color::kAccent, theme.px(2));
    }
    if (remark && entry.tab == LowerTab::figures) {
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
