#include "app/gui/panels/curves/plot_area.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "app/gui/view/frame/format.h"

namespace zscape {
namespace {

constexpr float kTickRoom = 20;        // pixels a tick label needs on the value axis
constexpr float kStepRoom = 50;        // and on the step axis
constexpr float kMarkRoom = 4;         // between two λ marks
constexpr std::size_t kLabelRows = 3;  // for marks close together

float right_of(const Rect& rect) {
  return rect.origin.x + rect.size.x;
}
float bottom_of(const Rect& rect) {
  return rect.origin.y + rect.size.y;
}

// Clips what is drawn to the axes while it lives.
class Clipped {
 public:
  explicit Clipped(const Rect& rect) {
    ImGui::PushClipRect({rect.origin.x, rect.origin.y}, {right_of(rect), bottom_of(rect)}, true);
  }
  ~Clipped() { ImGui::PopClipRect(); }
  Clipped(const Clipped&) = delete;
  Clipped& operator=(const Clipped&) = delete;
};

void dashed_vertical(ImDrawList& list, float x, float top, float bottom, float dash, ImU32 tint) {
  for (float y = top; y < bottom; y += 2 * dash) {
    list.AddRectFilled({x, y}, {x + 1, std::min(y + dash, bottom)}, tint);
  }
}

}  // namespace

float PlotArea::x_of(double step) const {
  return rect.origin.x + static_cast<float>((step - steps.low) / steps.span()) * (rect.size.x - 1);
}

float PlotArea::y_of(double value) const {
  const double part =
      log ? std::log(std::max(value, 1e-300) / values.low) / std::log(values.high / values.low)
          : (value - values.low) / values.span();
  // Clamped, so that the vertices stay finite.
  return bottom_of(rect) - static_cast<float>(std::clamp(part, -10.0, 10.0)) * rect.size.y;
}

void draw_axes(const Theme& theme, const PlotArea& area, bool with_labels) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Rect& rect = area.rect;
  const float left = rect.origin.x, top = rect.origin.y;
  if (with_labels) {
    ImGui::PushFont(theme.small);
    const int rows = std::max(2, static_cast<int>(rect.size.y / theme.px(kTickRoom)));
    for (const Tick& tick : area.log ? log_ticks(area.values, rows) : ticks(area.values, rows)) {
      const float y = std::round(area.y_of(tick.value));
      if (y < top || y > bottom_of(rect)) continue;
      list.AddLine({left, y}, {right_of(rect), y}, with_alpha(color::kLine, 0.7f));
      const ImVec2 size = ImGui::CalcTextSize(tick.label.c_str());
      list.AddText({left - size.x - theme.px(6), std::round(y - size.y / 2)}, color::kMuted,
                   tick.label.c_str());
    }
    const int columns = std::max(2, static_cast<int>(rect.size.x / theme.px(kStepRoom)));
    for (const Tick& tick : ticks(area.steps, columns)) {
      if (tick.value != std::floor(tick.value)) continue;
      const float x = std::round(area.x_of(tick.value));
      const ImVec2 size = ImGui::CalcTextSize(tick.label.c_str());
      list.AddLine({x, bottom_of(rect)}, {x, bottom_of(rect) + theme.px(4)}, color::kAxis);
      const float at = std::clamp(x - size.x / 2, left - size.x / 2, right_of(rect) - size.x);
      list.AddText({std::round(at), bottom_of(rect) + theme.px(5)}, color::kMuted,
                   tick.label.c_str());
    }
    ImGui::PopFont();
  }
  list.AddLine({left, bottom_of(rect)}, {right_of(rect), bottom_of(rect)}, color::kAxis);
}

void draw_line(const PlotArea& area, const std::vector<Column>& columns, ImU32 tint,
               float thickness, float dot_radius) {
  if (columns.empty()) return;
  const Clipped clipped(area.rect);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float left = area.rect.origin.x;
  // Piece by piece: where a polyline turns back sharply, Dear ImGui's mitres make it vanish.
  std::optional<ImVec2> before;
  const auto line_to = [&](ImVec2 place) {
    if (before) list.AddLine(*before, place, tint, thickness);
    before = place;
  };
  for (const Column& column : columns) {
    const float x = left + static_cast<float>(column.x) + 0.5f;
    // Both extremes, first the one nearer to the previous column.
    const bool rises = column.first <= column.last;
    const float from = rises ? column.lowest : column.highest;
    const float to = rises ? column.highest : column.lowest;
    line_to({x, area.y_of(from)});
    if (from != to) line_to({x, area.y_of(to)});
  }
  if (dot_radius <= 0) {
    if (columns.size() != 1) return;
    dot_radius = thickness;  // a single point would be invisible
  }
  // Dots only while they stay apart.
  const auto span = static_cast<float>(columns.back().x - columns.front().x);
  const auto count = static_cast<float>(columns.size());
  if (count > 2 && span / (count - 1) < 3 * dot_radius) return;
  for (const Column& column : columns) {
    list.AddCircleFilled({left + static_cast<float>(column.x) + 0.5f, area.y_of(column.last)},
                         dot_radius, tint, 12);
  }
}

void draw_marks(const Theme& theme, const PlotArea& area, const std::vector<KlWeightMark>& marks) {
  const Clipped clipped(area.rect);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::PushFont(theme.small);
  const float gap = theme.px(4), right = right_of(area.rect);
  float line_before = right + theme.px(kMarkRoom);  // of the next mark on the right
  std::array<float, kLabelRows> text_before;        // where each row is taken from there on
  text_before.fill(line_before);
  for (auto mark = marks.rbegin(); mark != marks.rend(); ++mark) {
    const auto step = static_cast<double>(mark->step);
    if (step <= area.steps.low || step > area.steps.high) continue;  // the start is no change
    const float x = std::round(area.x_of(step));
    if (x > line_before - theme.px(kMarkRoom)) continue;
    line_before = x;
    dashed_vertical(list, x, area.rect.origin.y, bottom_of(area.rect), theme.px(3), color::kAxis);
    const std::string label = "λ " + format_setting(mark->kl_weight);
    const ImVec2 size = ImGui::CalcTextSize(label.c_str());
    const bool fits = x + gap + size.x < right;
    const float text = std::round(fits ? x + gap : x - gap - size.x);
    const auto row = std::ranges::find_if(
        text_before, [&](float taken) { return text + size.x <= taken - gap; });
    if (row == text_before.end()) continue;
    *row = std::min(x, text);
    const auto rows_above = static_cast<float>(row - text_before.begin());
    const float top = area.rect.origin.y + theme.px(1) + rows_above * size.y;
    list.AddRectFilled({text - 1, top}, {text + size.x + 1, top + size.y},
                       with_alpha(color::kBackground, 0.7f));
    list.AddText({text, top}, color::kText, label.c_str());
  }
  ImGui::PopFont();
}

void draw_crosshair(const Theme& theme, const PlotArea& area, double step) {
  const float x = std::round(area.x_of(step));
  ImGui::GetWindowDrawList()->AddRectFilled({x, area.rect.origin.y},
                                            {x + theme.px(1), bottom_of(area.rect)}, color::kMuted);
}

void draw_dot(const Theme& theme, const PlotArea& area, double step, double value, ImU32 tint) {
  if (!std::isfinite(value) || step > area.steps.high) return;
  const Clipped clipped(area.rect);
  const ImVec2 at(area.x_of(step) + 0.5f, area.y_of(value));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddCircleFilled(at, theme.px(4.5f), color::kBackground, 14);
  list.AddCircleFilled(at, theme.px(3), tint, 14);
}

void draw_centred(const Theme& theme, const Rect& rect, const char* text) {
  ImGui::PushFont(theme.small);
  const ImVec2 size = ImGui::CalcTextSize(text, nullptr, false, rect.size.x);
  const ImVec2 at(std::round(rect.origin.x + (rect.size.x - size.x) / 2),
                  std::round(rect.origin.y + (rect.size.y - size.y) / 2));
  ImGui::GetWindowDrawList()->AddText(nullptr, 0, at, color::kMuted, text, nullptr, rect.size.x);
  ImGui::PopFont();
}

}  // namespace zscape
