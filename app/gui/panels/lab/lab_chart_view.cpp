#include "app/gui/panels/lab/lab_chart_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kTickRoom = 52, kAbove = 22, kBelow = 40;  // pixels around the axes
constexpr float kReach = 11;                               // of the pointer

ImVec2 place_in(const LabChart& chart, const PlotArea& area, double x, double y) {
  return {area.x_of(x), area.y_of(chart.log_y ? std::pow(10.0, y) : y)};
}

void draw_upright_ticks(const LabChart& chart, const PlotArea& area, const Theme& theme) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Vec2 low = area.rect.origin, high = area.rect.high();
  std::vector<LabTick> places = chart.x_ticks;
  if (places.empty()) {
    const int columns = std::max(2, static_cast<int>(area.rect.size.x / theme.px(64)));
    const Range range = chart.log_x
                            ? Range{std::pow(10.0, area.steps.low), std::pow(10.0, area.steps.high)}
                            : area.steps;
    for (const Tick& tick : chart.log_x ? log_ticks(range, columns) : ticks(range, columns)) {
      places.push_back({chart.log_x ? std::log10(tick.value) : tick.value, tick.label});
    }
  }
  float free_from = -1e9f;  // labels that would touch the one before are left out
  for (const LabTick& tick : places) {
    const float x = std::round(area.x_of(tick.at));
    if (x < low.x - 1 || x > high.x + 1) continue;
    list.AddLine({x, high.y}, {x, high.y + theme.px(4)}, color::kAxis);
    std::string label = shorten_words(tick.label, 14);
    const float wide = ImGui::CalcTextSize(label.c_str()).x;
    const float at = std::clamp(x - wide / 2, low.x - theme.px(20), high.x - wide + theme.px(8));
    if (at < free_from) continue;
    free_from = at + wide + theme.px(8);
    list.AddText({std::round(at), high.y + theme.px(5)}, color::kMuted, label.c_str());
  }
}

void draw_bar(ImDrawList& list, ImVec2 from, ImVec2 to, float cap, ImU32 tint, float thickness) {
  list.AddLine(from, to, tint, thickness);
  const bool is_upright = from.x == to.x;
  for (const ImVec2 end : {from, to}) {
    const ImVec2 side = is_upright ? ImVec2(cap, 0) : ImVec2(0, cap);
    list.AddLine({end.x - side.x, end.y - side.y}, {end.x + side.x, end.y + side.y}, tint,
                 thickness);
  }
}

}  // namespace

PlotArea area_of(const LabChart& chart, const Rect& rect, const Theme& theme) {
  PlotArea area;
  area.rect.origin = {std::round(rect.origin.x + theme.px(kTickRoom)),
                      std::round(rect.origin.y + theme.px(kAbove))};
  area.rect.size = {std::max(1.0f, std::floor(rect.size.x - theme.px(kTickRoom + 8))),
                    std::max(1.0f, std::floor(rect.size.y - theme.px(kAbove + kBelow)))};
  area.steps = {chart.x.low, chart.x.high};
  area.log = chart.log_y;
  area.values = chart.log_y ? Range{std::pow(10.0, chart.y.low), std::pow(10.0, chart.y.high)}
                            : Range{chart.y.low, chart.y.high};
  return area;
}

ImU32 series_color(const LabChart& chart, std::size_t series) {
  return chart.series.size() < 2 ? color::kAccent : class_color(static_cast<int>(series));
}

void draw_chart_axes(const LabChart& chart, const PlotArea& area, bool numbers,
                     const Theme& theme) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Vec2 low = area.rect.origin, high = area.rect.high();
  const Styled styled(theme.small);
  if (numbers) draw_value_ticks(theme, area, 28);
  // What a curve of epochs will go over is not known before it is measured.
  if (numbers || !chart.x_ticks.empty()) draw_upright_ticks(chart, area, theme);
  list.AddLine({low.x, high.y}, high, color::kAxis);
  list.AddLine(low, {low.x, high.y}, color::kAxis);
  list.AddText({low.x - theme.px(4), low.y - theme.px(20)}, color::kText, chart.y_label.c_str());
  const float wide = ImGui::CalcTextSize(chart.x_label.c_str()).x;
  list.AddText({std::round(high.x - wide), high.y + theme.px(21)}, color::kText,
               chart.x_label.c_str());
}

std::optional<LabHit> draw_chart_dots(const LabChart& chart, const PlotArea& area,
                                      const LabPlace* ringed, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 mouse = ImGui::GetMousePos();
  std::optional<LabHit> hit;
  float nearest = theme.px(kReach);
  list.PushClipRect({area.rect.origin.x - theme.px(8), area.rect.origin.y - theme.px(8)},
                    {area.rect.high().x + theme.px(8), area.rect.high().y + theme.px(2)}, true);
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const std::vector<LabDot>& dots = chart.series[s].dots;
    const ImU32 tint = series_color(chart, s);
    for (std::size_t i = 1; chart.joined && i < dots.size(); ++i) {
      list.AddLine(place_in(chart, area, dots[i - 1].x, dots[i - 1].y),
                   place_in(chart, area, dots[i].x, dots[i].y), with_alpha(tint, 0.75f),
                   theme.px(1.5f));
    }
  }
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    const std::vector<LabDot>& dots = chart.series[s].dots;
    const ImU32 tint = series_color(chart, s);
    const bool is_dense =  // a curve over many epochs: its dots would touch
        chart.joined && dots.size() > 2 &&
        area.rect.size.x / static_cast<float>(dots.size()) < theme.px(10);
    for (std::size_t i = 0; i < dots.size(); ++i) {
      const LabDot& dot = dots[i];
      const ImVec2 at = place_in(chart, area, dot.x, dot.y);
      const float radius = theme.px(is_dense ? 2 : 4);
      if (std::isfinite(dot.y_low)) {
        draw_bar(list, {at.x, place_in(chart, area, dot.x, dot.y_low).y},
                 {at.x, place_in(chart, area, dot.x, dot.y_high).y}, theme.px(is_dense ? 0 : 3),
                 tint, theme.px(1.2f));
      }
      if (std::isfinite(dot.x_low)) {
        draw_bar(list, {place_in(chart, area, dot.x_low, dot.y).x, at.y},
                 {place_in(chart, area, dot.x_high, dot.y).x, at.y}, theme.px(3), tint,
                 theme.px(1.2f));
      }
      if (!is_dense) list.AddCircleFilled(at, radius + theme.px(1.5f), color::kPanel, 20);
      // A mean that waits for more seeds is hollow.
      if (dot.missing > 0 && !is_dense) {
        list.AddCircle(at, radius - 0.5f, tint, 20, theme.px(1.5f));
      } else {
        list.AddCircleFilled(at, radius, tint, 20);
      }
      if (ringed != nullptr && *ringed == dot.place && !is_dense) {
        list.AddCircle(at, radius + theme.px(3), color::kText, 20, theme.px(1.5f));
      }
      frame.widgets.note(fmt::format("lab_dot_{}_{}", s, i),
                         {{at.x - radius, at.y - radius}, {2 * radius, 2 * radius}});
      const float away = std::hypot(mouse.x - at.x, mouse.y - at.y);
      if (away < nearest) {
        nearest = away;
        hit = LabHit{s, i};
      }
    }
  }
  list.PopClipRect();
  return hit;
}

void draw_guess(std::span<const GuessPlace> places, const LabChart& chart, const PlotArea& area,
                const Theme& theme) {
  std::vector<ImVec2> line;
  for (const GuessPlace& each : places) line.push_back(place_in(chart, area, each.x, each.y));
  draw_path(area, line, color::kText, theme.px(1.5f), theme.px(5));
}

void draw_chart_legend(const LabChart& chart, bool has_guess, float width,
                       const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  if (chart.series.size() < 2 && !has_guess) return;
  const Styled styled(theme.small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 from = ImGui::GetCursorScreenPos();
  const float row = ImGui::GetFontSize() + theme.px(5), mark = theme.px(14);
  float x = 0, y = 0;
  const auto entry = [&](const std::string& name, ImU32 tint, bool is_guess) {
    const float wide = mark + theme.px(6) + ImGui::CalcTextSize(name.c_str()).x;
    if (x > 0 && x + wide > width) {
      x = 0;
      y += row;
    }
    const float left = from.x + x, middle = std::round(from.y + y + ImGui::GetFontSize() / 2);
    if (is_guess) {
      list.AddLine({left, middle}, {left + theme.px(5), middle}, tint, theme.px(1.5f));
      list.AddLine({left + theme.px(9), middle}, {left + mark, middle}, tint, theme.px(1.5f));
    } else {
      list.AddCircleFilled({left + mark / 2, middle}, theme.px(4), tint, 16);
    }
    list.AddText({left + mark + theme.px(6), from.y + y}, color::kMuted, name.c_str());
    x += wide + theme.px(16);
  };
  if (chart.series.size() > 1) {
    for (std::size_t s = 0; s < chart.series.size(); ++s) {
      entry(shorten_words(chart.series[s].name, 28), series_color(chart, s), false);
    }
  }
  if (has_guess) entry(tr("your prediction"), color::kText, true);
  ImGui::Dummy({width, y + row});
}

}  // namespace zscape
