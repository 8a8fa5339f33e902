#include <algorithm>
#include <cmath>
#include <utility>

#include "app/gui/panels/frame/pointer.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/latent/picking.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kIconButton = 24, kIconGap = 2, kGroupGap = 6;  // at 100 %

constexpr float kLassoStep = 3;  // pixels between two of its corners
constexpr float kIcon = 13;      // pixels a side

using Icon = void (*)(ImDrawList& list, const Theme& theme, ImVec2 middle, ImU32 rgba);

void draw_explore_icon(ImDrawList& list, const Theme& theme, ImVec2 middle, ImU32 rgba) {
  const float arm = theme.px(kIcon / 2), tip = theme.px(2.5f), thick = theme.px(1.3f);
  draw_plus(list, middle, arm, rgba, thick);
  for (const float way : {-1.0f, 1.0f}) {
    const float x = middle.x + way * arm, y = middle.y + way * arm;
    const ImVec2 across[] = {
        {x - way * tip, middle.y - tip}, {x, middle.y}, {x - way * tip, middle.y + tip}};
    const ImVec2 along[] = {
        {middle.x - tip, y - way * tip}, {middle.x, y}, {middle.x + tip, y - way * tip}};
    list.AddPolyline(across, 3, rgba, 0, thick);
    list.AddPolyline(along, 3, rgba, 0, thick);
  }
}

void draw_path_icon(ImDrawList& list, const Theme& theme, ImVec2 middle, ImU32 rgba) {
  const float arm = theme.px(kIcon / 2 - 1);
  const ImVec2 from{middle.x - arm, middle.y + arm}, to{middle.x + arm, middle.y - arm};
  list.AddBezierCubic(from, {middle.x + arm / 2, middle.y + arm},
                      {middle.x - arm / 2, middle.y - arm}, to, rgba, theme.px(1.5f));
  list.AddCircleFilled(from, theme.px(2.3f), rgba, 12);
  list.AddCircleFilled(to, theme.px(2.3f), rgba, 12);
}

void draw_select_icon(ImDrawList& list, const Theme& theme, ImVec2 middle, ImU32 rgba) {
  const float arm = theme.px(kIcon / 2 - 0.5f), dash = theme.px(3.6f), thick = theme.px(1.4f);
  for (const float x : {-1.0f, 1.0f}) {
    for (const float y : {-1.0f, 1.0f}) {
      const ImVec2 corner{middle.x + x * arm, middle.y + y * arm};
      const ImVec2 line[] = {
          {corner.x - x * dash, corner.y}, corner, {corner.x, corner.y - y * dash}};
      list.AddPolyline(line, 3, rgba, 0, thick);
    }
  }
  list.AddCircleFilled(middle, theme.px(1.6f), rgba, 10);
}

void draw_add_icon(ImDrawList& list, const Theme& theme, ImVec2 middle, ImU32 rgba) {
  draw_plus(list, middle, theme.px(4.5f), rgba, theme.px(1.6f));
}

void draw_subtract_icon(ImDrawList& list, const Theme& theme, ImVec2 middle, ImU32 rgba) {
  const float arm = theme.px(4.5f);
  list.AddLine({middle.x - arm, middle.y}, {middle.x + arm, middle.y}, rgba, theme.px(1.6f));
}

bool icon_button(const LatentDraw& draw, const char* widget, Icon icon, bool chosen,
                 const char* help, bool usable = true) {
  const Theme& theme = draw.theme();
  const ImVec2 low = ImGui::GetCursorScreenPos();
  const float height = height_of(theme.small) + 2 * ImGui::GetStyle().FramePadding.y;
  const ImVec2 size{draw.px(kIconButton), height};
  const bool clicked = ImGui::InvisibleButton(widget, size);
  draw.frame.widgets.note(widget);
  const bool hovered = ImGui::IsItemHovered();
  tooltip(theme, help);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImU32 ground = chosen ? color::kAccentDim : hovered ? color::kRaisedHover : color::kRaised;
  list.AddRectFilled(low, low + size, ground, ImGui::GetStyle().FrameRounding);
  icon(list, theme, {std::round(low.x + size.x / 2), std::round(low.y + size.y / 2)},
       !usable             ? color::kFaint
       : chosen || hovered ? color::kText
                           : color::kMuted);
  return clicked && usable;
}

void flip(SelectMode& mode, SelectMode to) {
  mode = mode == to ? SelectMode::replace : to;
}

void flip(Tool& tool, Tool to) {
  tool = tool == to ? Tool::explore : to;
}

// The pointer, held within the plot.
Vec2 held_pointer(const LatentDraw& draw) {
  const LatentView& view = draw.state.view;
  const Vec2 at = drag_pointer();
  return {std::clamp(at.x, view.origin.x, view.rect().high().x),
          std::clamp(at.y, view.origin.y, view.rect().high().y)};
}

Box box_in_hand(const LatentDraw& draw) {
  const Vec2 a = draw.state.drag.lasso.front();
  const Vec2 b = draw.state.view.to_latent(held_pointer(draw));
  return {{std::min(a.x, b.x), std::min(a.y, b.y)}, {std::max(a.x, b.x), std::max(a.y, b.y)}};
}

void mark_input(const LatentDraw& draw, ImDrawList& list, const std::optional<PointRef>& input,
                bool with_name) {
  if (!input) return;
  const auto point = draw.input.points.find(*input);
  if (!point) return;
  const Vec2 place = screen_of_point(draw.input.points, draw.state.view, *point);
  if (!draw.state.view.contains(place)) return;
  draw_ring(list, draw.theme(), place, color::kAccent, true);
  if (!with_name) return;
  draw_label(list, draw.state.view, draw.theme(), {place.x - draw.px(8), place.y + draw.px(12)},
             input_name(draw.snapshot, *input), color::kAccent);
}

}  // namespace

float tools_width(const LatentDraw& draw) {
  const float tools = draw.px(3 * kIconButton + 2 * kIconGap);
  if (draw.input.selection == nullptr) return tools;
  return tools + draw.px(kGroupGap + 2 * kIconButton + kIconGap);
}

void draw_tools(const LatentDraw& draw) {
  LatentPanelState& state = draw.state;
  const auto tool = [&](const char* widget, Icon icon, Tool which, const char* help) {
    if (icon_button(draw, widget, icon, state.tool == which, help)) flip(state.tool, which);
  };
  const float gap = draw.px(kIconGap);
  tool("explore_tool", draw_explore_icon, Tool::explore,
       tr("Explore: drag to move the view, click to pin a place (key E)"));
  ImGui::SameLine(0, gap);
  tool("path_tool", draw_path_icon, Tool::path,
       tr("Path: drag from one point to another to see the pictures between them (key P). The "
          "right mouse button does so with any tool. Ctrl-click or double-click a path to add a "
          "control point; drag control points to bend the path."));
  ImGui::SameLine(0, gap);
  tool("select_tool", draw_select_icon, Tool::select,
       tr("Select: drag a box, drag a lasso with Ctrl, or click points (key S). With any tool, use "
          "Shift-drag, Shift-Ctrl-drag and Shift-click. Esc clears the selection."));
  if (draw.input.selection == nullptr) return;
  ImGui::SameLine(0, draw.px(kGroupGap));
  if (icon_button(draw, "select_add", draw_add_icon, state.select_mode == SelectMode::add,
                  tr("Add to the selection instead of replacing it (key A)"))) {
    flip(state.select_mode, SelectMode::add);
  }
  ImGui::SameLine(0, gap);
  const bool nothing = draw.input.selection->empty();
  if (nothing && state.select_mode == SelectMode::subtract) state.select_mode = SelectMode::replace;
  if (icon_button(draw, "select_subtract", draw_subtract_icon,
                  state.select_mode == SelectMode::subtract,
                  nothing ? tr("There is nothing selected to take away.")
                          : tr("Take points out of the selection"),
                  !nothing)) {
    flip(state.select_mode, SelectMode::subtract);
  }
}

void handle_tool_keys(const LatentDraw& draw) {
  LatentPanelState& state = draw.state;
  const LatentKeys& keys = draw.input.keys;
  if (keys.explore_tool) state.tool = Tool::explore;
  if (keys.toggle_path_tool) flip(state.tool, Tool::path);
  if (keys.toggle_select_tool) flip(state.tool, Tool::select);
  if (keys.toggle_add) flip(state.select_mode, SelectMode::add);
  if (keys.toggle_card) state.layers.card = !state.layers.card;
}

bool leave_tool(const LatentDraw& draw) {
  LatentPanelState& state = draw.state;
  Selection* selection = draw.input.selection;
  if (state.tool == Tool::path) {
    state.tool = Tool::explore;
    return true;
  }
  ChosenSequences* sequences = draw.input.sequences;
  const bool follows = sequences && !sequences->empty();
  if (state.marked || follows || (selection && !selection->empty())) {
    state.marked.reset();
    state.flight.reset();
    if (selection) selection->clear();
    if (sequences) sequences->clear();
    return true;
  }
  return std::exchange(state.tool, Tool::explore) != Tool::explore;
}

bool begin_selecting(const LatentDraw& draw) {
  const ImGuiIO& io = ImGui::GetIO();
  if (!draw.input.selection || draw.input.points.empty()) return false;
  if (!io.KeyShift && draw.state.tool != Tool::select) return false;
  PlotDrag& drag = draw.state.drag;
  drag.kind = io.KeyCtrl ? PlotDrag::Kind::lasso : PlotDrag::Kind::box;
  drag.lasso = {draw.state.view.to_latent(drag.pressed_at)};
  return true;
}

void continue_selecting(const LatentDraw& draw) {
  PlotDrag& drag = draw.state.drag;
  if (drag.kind != PlotDrag::Kind::lasso) return;
  const Vec2 at = held_pointer(draw);
  const Vec2 last = draw.state.view.to_screen(drag.lasso.back());
  if (std::hypot(at.x - last.x, at.y - last.y) < draw.px(kLassoStep)) return;
  drag.lasso.push_back(draw.state.view.to_latent(at));
}

void finish_selecting(const LatentDraw& draw) {
  const LatentPanelState& state = draw.state;
  const Points& points = draw.input.points;
  const auto inside_of = [&](const auto& outline) {
    return draw.spatial() ? inside_in_space(points, state.view, outline, state.hidden)
                          : state.picker.inside(points, outline, state.hidden);
  };
  const std::vector<std::size_t> inside = state.drag.kind == PlotDrag::Kind::box
                                              ? inside_of(box_in_hand(draw))
                                              : inside_of(Lasso(state.drag.lasso));
  std::vector<std::int64_t> rows;
  rows.reserve(inside.size());
  for (const std::size_t point : inside) rows.push_back(points.ref(point).index);
  draw.input.selection->choose(points.codes()->split, std::move(rows), state.select_mode);
}

void click_selects(const LatentDraw& draw, std::optional<std::size_t> point) {
  Selection& selection = *draw.input.selection;
  const SelectMode mode = draw.state.select_mode;
  if (!point) {
    if (mode == SelectMode::replace && !ImGui::GetIO().KeyShift) selection.clear();
    return;
  }
  const PointRef input = draw.input.points.ref(*point);
  if (ImGui::GetIO().KeyShift && mode == SelectMode::replace) {
    selection.toggle(input);
  } else {
    selection.choose(input.split, {input.index}, mode);
  }
}

void draw_selecting(const LatentDraw& draw, ImDrawList& list) {
  const LatentPanelState& state = draw.state;
  mark_input(draw, list, state.marked, state.marked != state.pointed);
  mark_input(draw, list, state.pointed, true);
  const PlotDrag& drag = state.drag;
  if (!selects(drag) || !drag.travelled) return;
  const float thick = draw.px(1.5f);
  const ImU32 fill = with_alpha(color::kAccent, 0.1f);
  if (drag.kind == PlotDrag::Kind::box) {
    const Vec2 from = state.view.to_screen(drag.lasso.front()), to = held_pointer(draw);
    const ImVec2 low{std::round(std::min(from.x, to.x)), std::round(std::min(from.y, to.y))};
    const ImVec2 high{std::round(std::max(from.x, to.x)), std::round(std::max(from.y, to.y))};
    list.AddRectFilled(low, high, fill);
    list.AddRect(low, high, color::kAccent, 0, 0, thick);
    return;
  }
  std::vector<ImVec2> line;
  line.reserve(drag.lasso.size() + 1);
  for (const Vec2 corner : drag.lasso) {
    const Vec2 at = state.view.to_screen(corner);
    line.emplace_back(at.x, at.y);
  }
  const Vec2 pointer = held_pointer(draw);
  line.emplace_back(pointer.x, pointer.y);
  list.AddPolyline(line.data(), static_cast<int>(line.size()), color::kAccent, 0, thick);
  list.AddLine(line.back(), line.front(), with_alpha(color::kAccent, 0.5f), draw.px(1));
}

}  // namespace zscape
