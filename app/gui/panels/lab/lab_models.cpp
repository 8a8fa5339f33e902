#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/lab/lab_draw.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kLeast = 92, kMost = 150, kGap = 8;  // pixels of a scatter's side

void draw_scatter(const LabDraw& draw, const LabScatter& scatter, const Rect& box) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float inset = draw.px(4), half = std::max(draw.px(0.9f), 0.75f);
  const Vec2 size{box.size.x - 2 * inset, box.size.y - 2 * inset};
  for (const LabScatter::Dot& dot : scatter.dots) {
    const float x = box.origin.x + inset + dot.x * size.x;
    const float y = box.origin.y + inset + (1 - dot.y) * size.y;
    list.AddRectFilled({x - half, y - half}, {x + half, y + half}, class_color(dot.label));
  }
}

void draw_cell(const LabDraw& draw, const LabAlong& each, std::size_t number, float side) {
  const Theme& theme = draw.theme();
  const Vec2 low = ImGui::GetCursorScreenPos();
  const float caption = height_of(theme.small) + draw.px(5);
  const std::string name = fmt::format("lab_model_{}", number);
  ImGui::PushID(static_cast<int>(number));
  const bool clicked = ImGui::InvisibleButton(name.c_str(), {side, side + caption});
  ImGui::PopID();
  draw.frame.widgets.note(name);
  const bool hovered = ImGui::IsItemHovered();
  const bool is_open = draw.shown.in_explorer == each.run || draw.shown.beside == each.run;
  const Rect box{low, {side, side}};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(box.origin, box.high(), color::kBackground, draw.px(4));
  list.AddRect(box.origin, box.high(),
               is_open   ? color::kAccent
               : hovered ? color::kAxis
                         : color::kLine,
               draw.px(4));
  const LabScatterPtr scatter = draw.shown.scatter(each.run);
  const std::uint64_t seed = draw.page().table->runs[each.run].seed;
  std::string help = tr("{}, seed {}: open its model. Shift-click compares.", each.label, seed);
  if (!scatter) {
    const Styled styled(theme.small);
    draw_centred(theme, box, tr("encoding"));
  } else if (!scatter->why_not.empty()) {
    const Styled styled(theme.small);
    draw_centred(theme, box, tr("no model"));
    help = scatter->why_not;
  } else {
    draw_scatter(draw, *scatter, box);
    draw.frame.widgets.note(fmt::format("lab_scatter_{}", number), box);
    if (scatter->principal) {
      help = tr("{}\nAlong the two principal axes of its codes.", help);
    }
  }
  tooltip(theme, help.c_str());
  const auto lines = lines_of(theme.small, each.label, side, 1);
  const Styled styled(theme.small);
  if (!lines.empty()) {
    list.AddText({low.x, std::round(low.y + side + draw.px(3))},
                 is_open ? color::kAccent : color::kMuted, lines.front().c_str());
  }
  if (!clicked) return;
  draw.state.chosen = draw.page().table->runs[each.run].axes;
  draw.state.seed = 0;
  (ImGui::GetIO().KeyShift ? draw.requests.beside_run : draw.requests.open_run) = each.run;
}

// Which axis the row goes along.
void draw_along_choice(const LabDraw& draw) {
  const std::vector<LabAxis>& axes = draw.page().experiment().axes;
  if (axes.size() < 2) return;
  const float top = ImGui::GetCursorPosY();
  ImGui::SetCursorPosY(top + draw.px(2));  // as the words of the switches
  small_text(draw.theme(), tr("Along"));
  for (const LabAxis& axis : axes) {
    if (axis.chosen.size() < 2) continue;
    ImGui::SameLine(0, draw.px(4));
    ImGui::SetCursorPosY(top);
    if (small_switch(draw.frame, fmt::format("lab_along_{}", axis.name), axis.name.c_str(),
                     draw.state.along == axis.name,
                     tr("One model for each value; on the other axes, as the chosen point"))) {
      draw.state.along = axis.name;
    }
  }
}

}  // namespace

void draw_models(const LabDraw& draw) {
  const LabPage& page = draw.page();
  const std::vector<LabAxis>& axes = page.experiment().axes;
  if (axes.empty() || !page.is_measured() || !page.may_see()) return;
  LabPanelState& state = draw.state;
  if (page.experiment().axis(state.along) == nullptr) state.along = axes.front().name;
  const auto along = runs_along(*page.table, state.along, state.chosen ? &*state.chosen : nullptr);
  section(draw.frame, tr("Latent spaces"));
  draw_along_choice(draw);
  if (along.empty()) {
    small_text(draw.theme(), tr("Small scatters appear here as models come."));
    return;
  }
  for (const LabAlong& each : along) draw.requests.scatters.push_back(each.run);
  const float gap = draw.px(kGap), room = ImGui::GetContentRegionAvail().x;
  const auto count = static_cast<float>(along.size());
  const float side =
      std::floor(std::clamp((room - gap * (count - 1)) / count, draw.px(kLeast), draw.px(kMost)));
  const auto in_row =
      std::max<std::size_t>(1, static_cast<std::size_t>((room + gap) / (side + gap)));
  Styled styled;
  styled.var(ImGuiStyleVar_ItemSpacing, {gap, gap});
  for (std::size_t i = 0; i < along.size(); ++i) {
    if (i % in_row != 0) ImGui::SameLine();
    draw_cell(draw, along[i], i, side);
  }
}

}  // namespace zscape
