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

std::vector<HelpColumn> columns_of(std::span<const HelpLine> lines, const Theme& theme) {
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
    column.width = column.inputs + theme.px(kInner) + does;
    column.height =
        (ImGui::GetFontSize() + theme.px(kLeading)) * static_cast<float>(column.lines.size() + 1);
    columns.push_back(column);
    lines = lines.subspan(column.lines.size());
  }
  return columns;
}

void draw_column(const HelpColumn& column, ImVec2 at, const Theme& theme) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddText(theme.title, height_of(theme.title), at, color::kText, column.lines.front().group);
  const float leading = ImGui::GetFontSize() + theme.px(kLeading);
  at.y += std::round(leading + theme.px(2));
  for (const HelpLine& line : column.lines) {
    list.AddText(at, color::kAccent, line.input);
    list.AddText({at.x + column.inputs + theme.px(kInner), at.y}, color::kText, line.does);
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
  float width = 0, height = 0;
  const auto lay_out = [&] {
    columns = columns_of(lines, theme);
    width = 2 * theme.px(kPad) + theme.px(kGap) * static_cast<float>(columns.size() - 1);
    height = 0;
    for (const HelpColumn& column : columns) {
      width += column.width;
      height = std::max(height, column.height);
    }
  };
  lay_out();
  const bool small = width > frame.rect.size.x - theme.px(16);  // use the small font
  if (small) {
    ImGui::PushFont(theme.small);
    lay_out();
  }
  const float whole = height + 2 * theme.px(kPad) + ImGui::GetFontSize() + theme.px(14);
  const Vec2 middle = frame.rect.center();
  const Vec2 at{std::round(middle.x - width / 2), std::round(middle.y - whole / 2)};
  const Vec2 corner = at + Vec2{width, whole};
  list.AddRectFilled(at, corner, color::kOverlay, theme.px(8));
  list.AddRect(at, corner, color::kAxis, theme.px(8));
  float x = at.x + theme.px(kPad);
  for (const HelpColumn& column : columns) {
    draw_column(column, {x, at.y + theme.px(kPad)}, theme);
    x += column.width + theme.px(kGap);
  }
  list.AddText(theme.small, height_of(theme.small),
               {at.x + theme.px(kPad), corner.y - theme.px(kPad) - height_of(theme.small)},
               color::kMuted, tr("Any key or click closes this."));
  if (small) ImGui::PopFont();
  frame.widgets.note("help", {at, {width, whole}});
  ImGui::End();
}

}  // namespace zscape
