#include <algorithm>
#include <cmath>
#include <string>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/paths/mark_names.h"

namespace zscape {
namespace {

constexpr float kTickLabels = 38, kHeading = 20, kBelow = 16;  // pixels around the bars
constexpr float kNarrowest = 2;                                // a bar with its gap

}  // namespace

std::optional<int> draw_bars(const Bars& bars, const Rect& rect, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  // Where large text leaves no room, the unit goes, then the room before the title, then its end.
  const float title = width_of(theme.small, bars.title), indent = theme.px(kTickLabels);
  const bool indents = title <= rect.size.x - indent;
  const float room = rect.size.x - (indents ? indent : 0);
  ImGui::SetCursorScreenPos({rect.origin.x + (indents ? indent : 0), rect.origin.y});
  std::string shown = bars.title;
  {
    const Styled styled(theme.small);
    shown = beginning_that_fits(shown, room);
  }
  small_text(theme, shown.c_str(), color::kText);
  tooltip(theme, bars.help);
  if (title + theme.px(6) + width_of(theme.small, bars.unit) <= room) {
    ImGui::SameLine(0, theme.px(6));
    small_text(theme, bars.unit);
  }

  const float left = std::round(rect.origin.x + theme.px(kTickLabels));
  const float top = std::round(rect.origin.y + theme.px(kHeading));
  const float right = std::floor(rect.high().x);
  const float bottom = std::floor(rect.high().y - theme.px(kBelow));
  const Rect inside{{left, top}, {std::max(right - left, 1.0f), std::max(bottom - top, 1.0f)}};
  ImGui::SetCursorScreenPos({left, top});
  ImGui::InvisibleButton(std::string(bars.widget).c_str(), inside.size);
  frame.widgets.note(bars.widget);
  const bool hovered = ImGui::IsItemHovered();
  if (bars.values.empty()) {
    list.AddLine({left, bottom}, {right, bottom}, color::kAxis);
    return std::nullopt;
  }

  const double highest = std::max(*std::ranges::max_element(bars.values), bars.least_top);
  const Range range{0, highest > 0 ? highest * 1.05 : 1};
  const PlotArea area{inside, {0, 1}, range};
  const Styled styled(theme.small);
  draw_value_ticks(theme, area, 22);

  const int count = static_cast<int>(bars.values.size());
  const float each = inside.size.x / static_cast<float>(count);
  const auto x_of = [&](float index) { return left + index * each; };
  std::optional<int> under;
  const ImVec2 mouse = ImGui::GetMousePos();
  if (hovered) under = std::clamp(static_cast<int>((mouse.x - left) / each), 0, count - 1);
  const int together = std::max(1, static_cast<int>(std::ceil(theme.px(kNarrowest) / each)));
  for (int first = 0; first < count; first += together) {
    const int end = std::min(first + together, count);
    const double value = *std::max_element(bars.values.begin() + first, bars.values.begin() + end);
    float low = x_of(static_cast<float>(first)), high = x_of(static_cast<float>(end));
    const float widest = theme.px(56);
    if (!bars.touching && high - low > widest) {  // few bars stay bars
      const float middle = (low + high) / 2;
      low = middle - widest / 2;
      high = middle + widest / 2;
    } else {
      const float gap = bars.touching ? 1.0f : std::min(theme.px(4), 0.25f * (high - low));
      low += gap / 2;
      high -= gap / 2;
    }
    const bool lit = !under || (*under >= first && *under < end);
    // At least a line, so that a dimension of value 0 is visible.
    const float y = bars.touching && value <= 0 ? bottom : std::min(area.y_of(value), bottom - 1);
    list.AddRectFilled({std::round(low), y},
                       {std::max(std::round(high), std::round(low) + 1), bottom},
                       with_alpha(bars.tint, lit ? 1.0f : 0.45f));
  }
  list.AddLine({left, bottom}, {right, bottom}, color::kAxis);
  float free_from = rect.origin.x;
  for (const Tick& place : bars.places) {
    const ImVec2 size = ImGui::CalcTextSize(place.label.c_str());
    const float middle = x_of(static_cast<float>(place.value));
    const float x = std::clamp(middle - size.x / 2, left, std::max(right - size.x, left));
    if (x < free_from) continue;
    free_from = x + size.x + theme.px(6);
    list.AddText({std::round(x), bottom + theme.px(2)}, color::kMuted, place.label.c_str());
  }
  if (under && bars.tell) {
    ImGui::BeginTooltip();
    small_text(theme, bars.tell(*under).c_str(), color::kText);
    ImGui::EndTooltip();
  }
  return under;
}

}  // namespace zscape
