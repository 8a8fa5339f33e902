#include "app/gui/splitters.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/panels/frame/pointer.h"
#include "app/gui/panels/frame/widgets.h"
#include "engine/text.h"

namespace zscape {
namespace {

// By Border.
struct BorderText {
  const char* widget;  // of the border; those of its tab and rail end alike
  std::optional<float> LayoutSizes::*size;
  const char* name;  // of the region
};
constexpr BorderText kTexts[] = {{"controls", &LayoutSizes::left, tr("Training and model")},
                                 {"preview", &LayoutSizes::right, tr("Preview")},
                                 {"curves", &LayoutSizes::lower, tr("Curves, figures, lists")}};

constexpr double kDoubleClick = 0.5;  // seconds, longer than its two presses may lie apart
constexpr float kTab = 56;  // of a border in its middle: a click there folds its region up

enum class Way { left, right, up, down };

void draw_chevron(ImDrawList& list, Vec2 middle, float arm, Way way, ImU32 rgba, float thickness) {
  const bool upright = way == Way::up || way == Way::down;
  const float tip = way == Way::left || way == Way::up ? -arm / 2 : arm / 2;
  const auto corner = [&](float along, float across) {
    return upright ? ImVec2(middle.x + across, middle.y + along)
                   : ImVec2(middle.x + along, middle.y + across);
  };
  const ImVec2 line[3] = {corner(-tip, -arm), corner(tip, 0), corner(-tip, arm)};
  list.AddPolyline(line, 3, rgba, 0, thickness);
}

// The way in which a region goes when it folds up.
Way way_of(Border border) {
  return border == Border::left ? Way::left : border == Border::right ? Way::right : Way::down;
}

Way opposite(Way way) {
  return way == Way::left ? Way::right : way == Way::right ? Way::left : Way::up;
}

// Text that reads upwards; its lower left corner lies there.
void draw_upright_text(ImDrawList& list, Vec2 at, ImU32 rgba, const char* text) {
  // It is wider than its place before it is turned: letters beyond the screen would be left out.
  list.PushClipRectFullScreen();
  const int first = list.VtxBuffer.Size;
  list.AddText({0, 0}, rgba, text);
  list.PopClipRect();
  for (int i = first; i < list.VtxBuffer.Size; ++i) {
    ImVec2& place = list.VtxBuffer[i].pos;
    place = {at.x + place.y, at.y - place.x};
  }
}

void fill(ImDrawList& list, float x, float y, float to_x, float to_y) {
  if (to_x > x && to_y > y) list.AddRectFilled({x, y}, {to_x, to_y}, color::kBackground);
}

// The area outside a rounded corner: a fan around the corner's tip. turn: quarter turns from the
// upper left corner, clockwise.
void cut_corner(ImDrawList& list, Vec2 tip, float radius, int turn) {
  constexpr int kSteps = 4;
  const float right = turn == 0 || turn == 3 ? 1.0f : -1.0f;  // towards the panel's middle
  const float down = turn < 2 ? 1.0f : -1.0f;
  const auto on_arc = [&](int step) {
    const auto angle = std::numbers::pi_v<float> / 2 * static_cast<float>(step) / kSteps;
    return ImVec2(tip.x + right * radius * (1 - std::cos(angle)),
                  tip.y + down * radius * (1 - std::sin(angle)));
  };
  for (int step = 0; step < kSteps; ++step) {
    list.AddTriangleFilled(tip, on_arc(step), on_arc(step + 1), color::kBackground);
  }
}

}  // namespace

void Splitters::draw(const Layout& layout, LayoutSizes& sizes, Vec2 window, const Theme& theme,
                     WidgetMap& widgets, double time_s) {
  time_s_ = time_s;
  if (sizes.panels_hidden) {
    drag_.reset();
    fold_.reset();
    return;
  }
  if (fold_ && time_s >= fold_->due_s) {
    sizes.open.of(fold_->border) = false;
    fold_.reset();
  }
  Styled styled;
  styled.var(ImGuiStyleVar_WindowPadding, {0, 0});
  styled.var(ImGuiStyleVar_WindowMinSize, {1, 1});
  for (const Border border : kBorders) {
    handle(border, layout, sizes, window, theme, widgets);
    rail(border, layout, sizes, theme, widgets);
  }
}

// A folded region: its name and a chevron; a click anywhere opens it.
void Splitters::rail(Border border, const Layout& layout, LayoutSizes& sizes, const Theme& theme,
                     WidgetMap& widgets) {
  const Rect& place = layout.rail(border);
  if (place.size.x < 1 || place.size.y < 1) return;
  const BorderText& text = kTexts[static_cast<int>(border)];
  const std::string name = std::string("rail_") + text.widget;
  Styled styled;
  styled.font(theme.small);
  begin_panel(("##" + name).c_str(), {theme, widgets, place}, kNoScroll);
  ImGui::SetCursorScreenPos(place.origin);
  if (ImGui::InvisibleButton(name.c_str(), place.size)) sizes.open.of(border) = true;
  widgets.note(name);
  const bool hovered = ImGui::IsItemHovered();
  const ImU32 tint = hovered ? color::kText : color::kMuted;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 size = ImGui::CalcTextSize(text.name);
  const bool upright = border != Border::lower;
  const float edge = theme.px(20);
  const Vec2 chevron = upright ? Vec2{place.center().x, place.origin.y + edge}
                               : Vec2{place.origin.x + edge, place.center().y};
  draw_chevron(list, chevron, theme.px(4), opposite(way_of(border)), tint, theme.px(1.5f));
  if (upright) {
    draw_upright_text(
        list,
        {std::round(place.center().x - size.y / 2), std::round(place.origin.y + 2 * edge + size.x)},
        tint, text.name);
  } else {
    list.AddText({place.origin.x + 2 * edge, std::round(place.center().y - size.y / 2)}, tint,
                 text.name);
  }
  if (hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  tooltip(theme, tr("Open this part of the window"));
  ImGui::End();
}

void Splitters::handle(Border border, const Layout& layout, LayoutSizes& sizes, Vec2 window,
                       const Theme& theme, WidgetMap& widgets) {
  const Rect strip = strip_of(layout, border);
  if (strip.size.x < 1 || strip.size.y < 1) return;
  const BorderText& text = kTexts[static_cast<int>(border)];
  const std::string name = std::string("border_") + text.widget;
  const bool upright = border != Border::lower;
  const Vec2 tab_size = upright ? Vec2{strip.size.x, std::min(theme.px(kTab), strip.size.y)}
                                : Vec2{std::min(theme.px(kTab), strip.size.x), strip.size.y};
  const Rect tab{strip.center() - 0.5f * tab_size, tab_size};
  ImGui::SetNextWindowPos(strip.origin);
  ImGui::SetNextWindowSize(strip.size);
  ImGui::Begin(name.c_str(), nullptr,
               kFixed | ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoBringToFrontOnFocus);
  ImGui::InvisibleButton("handle", strip.size);
  widgets.note(name);
  widgets.note(std::string("fold_") + text.widget, tab);
  const bool active = ImGui::IsItemActive();
  const bool hovered = ImGui::IsItemHovered();
  const bool on_tab = hovered && tab.contains(ImGui::GetMousePos());
  const Vec2 pointer = drag_pointer();
  const float now = upright ? pointer.x : pointer.y;
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    (sizes.*text.size).reset();
    drag_.reset();
    fold_.reset();
  } else if (ImGui::IsItemActivated()) {
    drag_ = Drag{border, now, sizes, on_tab};
  } else if (drag_ && drag_->border == border) {
    // Only once it moves: a click alone must not fix a size that follows the window.
    const float by = now - drag_->pressed_at;
    const bool has_moved = by != 0 || !(sizes == drag_->sizes_then);
    if (!active) {
      if (drag_->on_tab && !has_moved) {
        fold_ = Fold{border, time_s_ + kDoubleClick};
      }
      drag_.reset();
    } else if (has_moved) {
      sizes = moved(drag_->sizes_then, border, by, window, theme.scale);
    }
  }
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (on_tab && !active) {
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  } else if (hovered || active) {
    ImGui::SetMouseCursor(upright ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
    const float thick = theme.px(2), pad = theme.px(10);
    const Vec2 middle{std::round(strip.origin.x + (strip.size.x - thick) / 2),
                      std::round(strip.origin.y + (strip.size.y - thick) / 2)};
    const Vec2 low =
        upright ? Vec2{middle.x, strip.origin.y + pad} : Vec2{strip.origin.x + pad, middle.y};
    const Vec2 high = upright ? Vec2{middle.x + thick, strip.high().y - pad}
                              : Vec2{strip.high().x - pad, middle.y + thick};
    list.AddRectFilled(low, high, active ? color::kAccent : color::kAxis, thick / 2);
  }
  if (!active) {
    if (on_tab) list.AddRectFilled(tab.origin, tab.high(), color::kRaisedHover, theme.px(3));
    draw_chevron(list, tab.center(), theme.px(3.5f), way_of(border),
                 on_tab ? color::kText : color::kAxis, theme.px(1.5f));
  }
  if (on_tab) tooltip(theme, tr("Fold this part up; drag the border to resize it"));
  ImGui::End();
}

void draw_gaps(const Layout& layout, Vec2 window) {
  ImDrawList& list = *ImGui::GetBackgroundDrawList();
  const ImDrawListFlags flags = list.Flags;
  list.Flags = flags & ~ImDrawListFlags_AntiAliasedFill;
  std::vector<Rect> panels = {layout.left,  layout.latent, layout.time_line,
                              layout.right, layout.lower,  layout.status};
  panels.insert(panels.end(), layout.rails.begin(), layout.rails.end());
  std::erase_if(panels, [](const Rect& rect) { return rect.size.x <= 0 || rect.size.y <= 0; });
  // Band by band between the panels' edges, what no panel covers.
  std::vector<float> edges = {0, window.y};
  for (const Rect& rect : panels) edges.insert(edges.end(), {rect.origin.y, rect.high().y});
  std::ranges::sort(edges);
  for (std::size_t band = 1; band < edges.size(); ++band) {
    const float top = edges[band - 1], bottom = edges[band];
    std::vector<Rect> inside;
    std::ranges::copy_if(panels, std::back_inserter(inside), [&](const Rect& rect) {
      return rect.origin.y <= top && rect.high().y >= bottom;
    });
    std::ranges::sort(inside, {}, [](const Rect& rect) { return rect.origin.x; });
    float from = 0;
    for (const Rect& rect : inside) {
      fill(list, from, top, rect.origin.x, bottom);
      from = rect.high().x;
    }
    fill(list, from, top, window.x, bottom);
  }
  const float radius = ImGui::GetStyle().WindowRounding;
  for (const Rect& rect : panels) {
    if (rect == layout.status) continue;
    const Vec2 low = rect.origin, high = rect.high();
    cut_corner(list, low, radius, 0);
    cut_corner(list, {high.x, low.y}, radius, 1);
    cut_corner(list, high, radius, 2);
    cut_corner(list, {low.x, high.y}, radius, 3);
  }
  list.Flags = flags;
}

}  // namespace zscape
