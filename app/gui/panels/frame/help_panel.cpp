#include "app/gui/panels/frame/help_panel.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "app/gui/panels/frame/widgets.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kPad = 24, kGap = 40;  // around the text, between columns
constexpr float kInner = 18;           // between an input and what it does
constexpr float kLeading = 7;

struct HelpColumn {
  std::span<const HelpLine> lines;
  float inputs = 0;  // width of the widest
  float width = 0;
  float height = 0;
};

float text_width(const char* text) {
  return ImGui::CalcTextSize(text).x;
}

// unit: pixels of a pixel at 100 %.
std::vector<HelpColumn> columns_of(std::span<const HelpLine> lines, float unit) {
  std::vector<HelpColumn> columns;
  while (!lines.empty()) {
    const std::string_view group = lines.front().group;
    const auto end =
        std::ranges::find_if(lines, [group](const HelpLine& line) { return line.group != group; });
    HelpColumn column;
    column.lines = lines.first(static_cast<std::size_t>(end - lines.begin()));
    float does = 0;
    for (const HelpLine& line : column.lines) {
      column.inputs = std::max(column.inputs, text_width(line.input));
      does = std::max(does, text_width(line.does));
    }
    column.width = column.inputs + kInner * unit + does;
    column.height =
        (ImGui::GetFontSize() + kLeading * unit) * static_cast<float>(column.lines.size() + 1);
    columns.push_back(column);
    lines = lines.subspan(column.lines.size());
  }
  return columns;
}

void draw_column(const HelpColumn& column, ImVec2 at, const Theme& theme, float unit) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddText(theme.title, height_of(theme.title) * unit / theme.scale, at, color::kText,
               column.lines.front().group);
  const float leading = ImGui::GetFontSize() + kLeading * unit;
  at.y += std::round(leading + 2 * unit);
  for (const HelpLine& line : column.lines) {
    list.AddText(at, color::kAccent, line.input);
    list.AddText({at.x + column.inputs + kInner * unit, at.y}, color::kText, line.does);
    at.y += leading;
  }
}

}  // namespace

void draw_help_panel(std::span<const HelpLine> lines, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImGui::SetNextWindowPos(frame.rect.origin);
  ImGui::SetNextWindowSize(frame.rect.size);
  Styled styled(theme.body);
  styled.var(ImGuiStyleVar_WindowRounding, 0.0f);
  styled.var(ImGuiStyleVar_WindowBorderSize, 0.0f);
  styled.color(ImGuiCol_WindowBg, with_alpha(color::kBackground, 0.72f));
  ImGui::Begin("##help", nullptr, kFixed);
  ImGui::BringWindowToDisplayFront(ImGui::GetCurrentWindow());
  ImDrawList& list = *ImGui::GetWindowDrawList();

  std::vector<HelpColumn> columns;
  float width = 0, whole = 0, unit = theme.scale;
  const auto lay_out = [&] {
    columns = columns_of(lines, unit);
    width = (2 * kPad + kGap * static_cast<float>(columns.size() - 1)) * unit;
    float height = 0;
    for (const HelpColumn& column : columns) {
      width += column.width;
      height = std::max(height, column.height);
    }
    whole = height + (2 * kPad + 14) * unit + ImGui::GetFontSize();
  };
  lay_out();
  const Vec2 room = frame.rect.size - Vec2{theme.px(16), theme.px(16)};
  const bool small = width > room.x || whole > room.y;  // use the small font
  if (small) {
    ImGui::PushFont(theme.small);
    lay_out();
  }
  // Where large text still has no room, as large as the window allows.
  if (const float fit = std::min(room.x / width, room.y / whole); fit < 1) {
    ImGui::SetWindowFontScale(fit);
    unit *= fit;
    lay_out();
  }
  const Vec2 middle = frame.rect.center();
  const Vec2 at{std::round(middle.x - width / 2), std::round(middle.y - whole / 2)};
  const Vec2 corner = at + Vec2{width, whole};
  list.AddRectFilled(at, corner, color::kOverlay, theme.px(8));
  list.AddRect(at, corner, color::kAxis, theme.px(8));
  float x = at.x + kPad * unit;
  for (const HelpColumn& column : columns) {
    draw_column(column, {x, at.y + kPad * unit}, theme, unit);
    x += column.width + kGap * unit;
  }
  const float line = height_of(theme.small) * unit / theme.scale;
  list.AddText(theme.small, line, {at.x + kPad * unit, corner.y - kPad * unit - line},
               color::kMuted, tr("Any key or click closes this."));
  ImGui::SetWindowFontScale(1);
  if (small) ImGui::PopFont();
  frame.widgets.note("help", {at, {width, whole}});
  ImGui::End();
}

}  // namespace zscape
