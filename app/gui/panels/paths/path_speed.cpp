#include "app/gui/panels/paths/path_speed.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kHeight = 52;
constexpr std::array<std::string_view, 3> kNames = {"linear", "spherical", "geodesic"};

struct Series {
  std::span<const double> change;
  PathLineStyle style;
  std::string_view name;
  bool is_chosen;
};

std::vector<Series> series_of(const Path& path) {
  std::vector<Series> all;
  all.push_back({path.fade.change, style_of_fade(), "cross-fade", false});
  for (const PathMode mode : kPathModes) {
    if (path.film(mode).z.empty()) continue;
    const bool chosen = path.mode == mode;
    all.push_back({path.film(mode).change, style_of(mode, chosen), name_of(mode), chosen});
  }
  // The chosen one lies on top.
  std::ranges::stable_sort(all, {}, &Series::is_chosen);
  return all;
}

double highest(const std::vector<Series>& all) {
  double high = 0;
  for (const Series& series : all) {
    for (const double change : series.change) {
      if (std::isfinite(change)) high = std::max(high, change);
    }
  }
  return high;
}

void draw_values(const PanelFrame& frame, const std::vector<Series>& all, std::size_t step) {
  ImGui::BeginTooltip();
  small_text(frame.theme, tr("From frame {} to {}", step + 1, step + 2).c_str());
  for (auto series = all.rbegin(); series != all.rend(); ++series) {
    const double change = series->change[step];
    small_text(frame.theme, std::string(series->name).c_str(), series->style.tint);
    ImGui::SameLine(frame.px(96));
    small_text(frame.theme, format_value(change, 3).c_str(), series->style.tint);
  }
  ImGui::EndTooltip();
}

}  // namespace

PathLineStyle style_of(PathMode mode, bool chosen) {
  constexpr std::array<std::pair<float, float>, 3> kDashes = {{{0, 0}, {7, 4}, {2, 3}}};
  const auto [dash, gap] = kDashes[static_cast<std::size_t>(mode)];
  return {chosen ? color::kAccent : color::kText, dash, gap};
}

void draw_styled_line(ImDrawList& list, const Theme& theme, std::span<const ImVec2> line,
                      const PathLineStyle& style, float thickness) {
  if (style.dash <= 0) {
    list.AddPolyline(line.data(), static_cast<int>(line.size()), style.tint, 0, thickness);
    return;
  }
  const float dash = theme.px(style.dash), period = dash + theme.px(style.gap);
  float along = 0;  // of the line so far, modulo the period
  for (std::size_t i = 1; i < line.size(); ++i) {
    const Vec2 from = line[i - 1], way = Vec2(line[i]) - from;
    const float length = std::hypot(way.x, way.y);
    if (!(length > 0)) continue;
    for (float at = -along; at < length; at += period) {
      const float low = std::max(at, 0.0f), high = std::min(at + dash, length);
      if (high <= low) continue;
      list.AddLine(from + low / length * way, from + high / length * way, style.tint, thickness);
    }
    along = std::fmod(along + length, period);
  }
}

std::string_view name_of(PathMode mode) {
  return kNames[static_cast<std::size_t>(mode)];
}

std::optional<PathMode> mode_named(std::string_view name) {
  for (const PathMode mode : kPathModes) {
    if (name_of(mode) == name) return mode;
  }
  return std::nullopt;
}

StripRows strip_rows(int frames) {
  const int rows = (frames + kPathFrames - 1) / kPathFrames;
  return {(frames + rows - 1) / rows, rows};
}

void draw_path_speed(const PanelFrame& frame, const Path& path, const Playback& playback,
                     float width) {
  const Theme& theme = frame.theme;
  const std::vector<Series> all = series_of(path);
  const double high = highest(all);
  const std::size_t steps = path.fade.change.size();

  ImGui::Dummy({1, theme.px(1)});
  small_text(theme, tr("Change per step  ‖x(t+1) − x(t)‖"));
  const ImVec2 low = ImGui::GetCursorScreenPos();
  const ImVec2 size{width, theme.px(kHeight)};
  ImGui::InvisibleButton("path_speed", size);
  const bool hovered = ImGui::IsItemHovered();
  frame.widgets.note("path_speed");
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 to = low + size;
  list.AddRectFilled(low, to, color::kBackground, theme.px(3));
  if (!(high > 0)) return;

  // In a strip of one row, frame t is at the middle of its picture and a step between two.
  const float column = width / static_cast<float>(steps + 1);
  const float pad = theme.px(5);
  const auto x_of = [&](double step) { return low.x + (static_cast<float>(step) + 1) * column; };
  const auto y_of = [&](double change) {
    return to.y - pad - static_cast<float>(change / high) * (size.y - 2 * pad);
  };
  const Styled styled(theme.small);
  list.AddLine({low.x, y_of(high)}, {to.x, y_of(high)}, with_alpha(color::kLine, 0.7f));
  list.AddLine({low.x, y_of(0)}, {to.x, y_of(0)}, color::kAxis);
  for (const Series& series : all) {
    std::vector<ImVec2> line;
    for (std::size_t step = 0; step < steps; ++step) {
      const double change = series.change[step];
      if (std::isfinite(change)) {
        line.emplace_back(x_of(static_cast<double>(step)), y_of(change));
      }
    }
    draw_styled_line(list, theme, line, series.style, theme.px(series.is_chosen ? 2.2f : 1.2f));
  }
  // Last and on a background of its own, since lines run there.
  const std::string top = format_value(high, 3);
  const ImVec2 text = ImGui::CalcTextSize(top.c_str());
  list.AddRectFilled(low, {low.x + text.x + theme.px(4), low.y + text.y},
                     with_alpha(color::kBackground, 0.8f));
  list.AddText({low.x + theme.px(2), low.y}, color::kMuted, top.c_str());
  if (playback.engaged()) {
    const double frame_at = playback.position() * static_cast<double>(steps);
    const float x = std::round(x_of(frame_at - 0.5));
    list.AddRectFilled({x - theme.px(1), low.y}, {x + theme.px(1), to.y}, color::kAccent);
  }
  if (!hovered) return;
  const float along = (ImGui::GetMousePos().x - low.x) / column - 1;
  const auto step =
      static_cast<std::size_t>(std::clamp(std::round(along), 0.0f, static_cast<float>(steps - 1)));
  const float x = std::round(x_of(static_cast<double>(step)));
  list.AddRectFilled({x, low.y}, {x + theme.px(1), to.y}, color::kMuted);
  draw_values(frame, all, step);
}

}  // namespace zscape
