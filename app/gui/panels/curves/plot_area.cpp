#include "app/gui/panels/curves/plot_area.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kTickRoom = 20;        // pixels a tick label needs on the value axis
constexpr float kStepRoom = 50;        // and on the step axis
constexpr float kMarkRoom = 4;         // between two λ marks
constexpr std::size_t kLabelRows = 3;  // for marks close together

// Clips what is drawn to the axes while it lives.
class Clipped {
 public:
  explicit Clipped(const Rect& rect) { ImGui::PushClipRect(rect.origin, rect.high(), true); }
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
  return rect.high().y - static_cast<float>(std::clamp(part, -10.0, 10.0)) * rect.size.y;
}

void draw_value_ticks(const Theme& theme, const PlotArea& area, float room) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Vec2 low = area.rect.origin, high = area.rect.high();
  const int rows = std::max(2, static_cast<int>(area.rect.size.y / theme.px(room)));
  std::optional<float> named;  // where the last label stands: in a low plot some have no room
  for (const Tick& tick : area.log ? log_ticks(area.values, rows) : ticks(area.values, rows)) {
    const float y = std::round(area.y_of(tick.value));
    if (y < low.y || y > high.y) continue;
    list.AddLine({low.x, y}, {high.x, y}, with_alpha(color::kLine, 0.7f));
    const ImVec2 size = ImGui::CalcTextSize(tick.label.c_str());
    if (named && std::abs(*named - y) < 0.8f * size.y) continue;
    named = y;
    list.AddText({low.x - size.x - theme.px(6), std::round(y - size.y / 2)}, color::kMuted,
                 tick.label.c_str());
  }
}

void draw_axes(const Theme& theme, const PlotArea& area, bool with_labels) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Vec2 low = area.rect.origin, high = area.rect.high();
  if (with_labels) {
    const Styled styled(theme.small);
    draw_value_ticks(theme, area, kTickRoom);
    const int columns = std::max(2, static_cast<int>(area.rect.size.x / theme.px(kStepRoom)));
    for (const Tick& tick : ticks(area.steps, columns)) {
      if (tick.value != std::floor(tick.value)) continue;
      const float x = std::round(area.x_of(tick.value));
      const ImVec2 size = ImGui::CalcTextSize(tick.label.c_str());
      list.AddLine({x, high.y}, {x, high.y + theme.px(4)}, color::kAxis);
      const float at = std::clamp(x - size.x / 2, low.x - size.x / 2, high.x - size.x);
      list.AddText({std::round(at), high.y + theme.px(5)}, color::kMuted, tick.label.c_str());
    }
  }
  list.AddLine({low.x, high.y}, high, color::kAxis);
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

std::string mark_name(const KlWeightMark& mark) {
  const std::string weight = format_setting(mark.kl_weight);
  switch (mark.schedule) {
    case KlSchedule::Kind::warm_up:
      return tr("warm-up 0→{}", weight);
    case KlSchedule::Kind::cyclic:
      return tr("cycles 0→{}", weight);
    case KlSchedule::Kind::constant:
      break;
  }
  return tr("λ {}", weight);
}

void draw_marks(const Theme& theme, const PlotArea& area, const std::vector<KlWeightMark>& marks) {
  const Clipped clipped(area.rect);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Styled styled(theme.small);
  const float gap = theme.px(4), right = area.rect.high().x;
  float line_before = right + theme.px(kMarkRoom);  // of the next mark on the right
  std::array<float, kLabelRows> text_before;        // where each row is taken from there on
  text_before.fill(line_before);
  for (auto mark = marks.rbegin(); mark != marks.rend(); ++mark) {
    const auto step = static_cast<double>(mark->step);
    if (step <= area.steps.low || step > area.steps.high) continue;  // the start is no change
    const float x = std::round(area.x_of(step));
    if (x > line_before - theme.px(kMarkRoom)) continue;
    line_before = x;
    dashed_vertical(list, x, area.rect.origin.y, area.rect.high().y, theme.px(3), color::kAxis);
    const std::string label = mark_name(*mark);
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
}

void draw_crosshair(const Theme& theme, const PlotArea& area, double step) {
  const float x = std::round(area.x_of(step));
  ImGui::GetWindowDrawList()->AddRectFilled({x, area.rect.origin.y},
                                            {x + theme.px(1), area.rect.high().y}, color::kMuted);
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
  const Styled styled(theme.small);
  const Vec2 at = rect.center() - 0.5f * ImGui::CalcTextSize(text, nullptr, false, rect.size.x);
  ImGui::GetWindowDrawList()->AddText(nullptr, 0, {std::round(at.x), std::round(at.y)},
                                      color::kMuted, text, nullptr, rect.size.x);
}

}  // namespace zscape
