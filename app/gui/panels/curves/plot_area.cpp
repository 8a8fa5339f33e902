#include "app/gui/panels/curves/plot_area.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kTickRoom = 20;  // pixels a tick label needs on the value axis
constexpr float kStepRoom = 50;  // and on the step axis

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

void draw_path(const PlotArea& area, std::span<const ImVec2> places, ImU32 tint, float thickness,
               float dash) {
  const Clipped clipped(area.rect);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  float along = 0;
  for (std::size_t i = 1; i < places.size(); ++i) {
    const ImVec2 from = places[i - 1], to = places[i];
    const float length = std::hypot(to.x - from.x, to.y - from.y);
    if (!std::isfinite(length) || length == 0) continue;
    if (dash == 0) {
      list.AddLine(from, to, tint, thickness);
      continue;
    }
    for (float at = 0; at < length;) {
      const float phase = std::fmod(along + at, 2 * dash);
      const float next = std::min(length, at + (phase < dash ? dash - phase : 2 * dash - phase));
      if (phase < dash) {
        const auto on = [&](float part) {
          return ImVec2(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part);
        };
        list.AddLine(on(at / length), on(next / length), tint, thickness);
      }
      at = std::max(next, at + 0.01f);
    }
    along += length;
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

std::vector<MarkLabel> label_marks(const Theme& theme, const PlotArea& area,
                                   const std::vector<KlWeightMark>& marks) {
  const Styled styled(theme.small);
  const float gap = theme.px(4), left = area.rect.origin.x, right = area.rect.high().x;
  std::vector<MarkLabel> alone;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const auto step = static_cast<double>(marks[i].step);
    if (step <= area.steps.low || step > area.steps.high) continue;  // the start is no change
    const float x = std::round(area.x_of(step));
    alone.push_back({{}, i, 1, x, x});
  }
  std::vector<MarkLabel> placed;  // from the right
  for (std::size_t i = alone.size(); i-- > 0;) {
    MarkLabel label = alone[i];
    const float before = i > 0 ? alone[i - 1].last_x : left;  // the line at its left
    while (true) {
      label.text =
          label.marks == 1 ? mark_name(marks[label.begin]) : tr("λ: {} changes", label.marks);
      label.width = ImGui::CalcTextSize(label.text.c_str()).x;
      const MarkLabel* next = placed.empty() ? nullptr : &placed.back();
      const float end = next == nullptr      ? right
                        : next->text.empty() ? next->first_x
                                             : std::min(next->first_x, next->text_x);
      label.text_x = label.last_x + gap;
      if (label.text_x + label.width + gap <= end) break;
      if (next == nullptr) {  // at the plot's right edge
        label.text_x = label.first_x - gap - label.width;
        // So far from the line at its left that it does not seem to be its label.
        if (label.text_x < before + 3 * gap) label.text.clear();
        break;
      }
      label.marks += next->marks;
      label.last_x = next->last_x;
      placed.pop_back();
    }
    placed.push_back(std::move(label));
  }
  std::ranges::reverse(placed);
  return placed;
}

const MarkLabel* label_at(const Theme& theme, std::span<const MarkLabel> labels, float x) {
  const float reach = theme.px(4);
  const auto found = std::ranges::find_if(labels, [&](const MarkLabel& label) {
    const bool on_text =
        !label.text.empty() && x >= label.text_x && x <= label.text_x + label.width;
    return on_text || (x >= label.first_x - reach && x <= label.last_x + reach);
  });
  return found == labels.end() ? nullptr : &*found;
}

void draw_marks(const Theme& theme, const PlotArea& area, const std::vector<KlWeightMark>& marks,
                std::span<const MarkLabel> labels) {
  const Clipped clipped(area.rect);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Styled styled(theme.small);
  for (const MarkLabel& label : labels) {
    std::optional<float> before;
    for (std::size_t i = label.begin; i < label.begin + label.marks; ++i) {
      const float x = std::round(area.x_of(static_cast<double>(marks[i].step)));
      if (before && x < *before + 2) continue;
      before = x;
      dashed_vertical(list, x, area.rect.origin.y, area.rect.high().y, theme.px(3), color::kAxis);
    }
  }
  const float top = area.rect.origin.y + theme.px(1), height = ImGui::GetFontSize();
  for (const MarkLabel& label : labels) {
    if (label.text.empty()) continue;
    list.AddRectFilled({label.text_x - 1, top}, {label.text_x + label.width + 1, top + height},
                       with_alpha(color::kBackground, 0.7f));
    list.AddText({label.text_x, top}, color::kText, label.text.c_str());
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
