#include "app/gui/splitters.h"

#include <cmath>
#include <numbers>
#include <utility>

#include "app/gui/panels/frame/pointer.h"
#include "app/gui/panels/frame/widgets.h"

namespace zscape {
namespace {

// By Border: the widget, and the size that the border changes.
constexpr std::pair<const char*, std::optional<float> LayoutSizes::*> kBorders[] = {
    {"border_controls", &LayoutSizes::left},
    {"border_preview", &LayoutSizes::right},
    {"border_curves", &LayoutSizes::lower}};

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
                     WidgetMap& widgets) {
  if (sizes.panels_hidden) {
    drag_.reset();
    return;
  }
  Styled styled;
  styled.var(ImGuiStyleVar_WindowPadding, {0, 0});
  styled.var(ImGuiStyleVar_WindowMinSize, {1, 1});
  for (const Border border : {Border::left, Border::right, Border::lower}) {
    handle(border, layout, sizes, window, theme, widgets);
  }
}

void Splitters::handle(Border border, const Layout& layout, LayoutSizes& sizes, Vec2 window,
                       const Theme& theme, WidgetMap& widgets) {
  const Rect strip = strip_of(layout, border);
  if (strip.size.x < 1 || strip.size.y < 1) return;
  const auto [name, size] = kBorders[static_cast<int>(border)];
  const bool upright = border != Border::lower;
  ImGui::SetNextWindowPos(strip.origin);
  ImGui::SetNextWindowSize(strip.size);
  ImGui::Begin(name, nullptr,
               kFixed | ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoBringToFrontOnFocus);
  ImGui::InvisibleButton("handle", strip.size);
  widgets.note(name);
  const bool active = ImGui::IsItemActive();
  const bool hovered = ImGui::IsItemHovered();
  const Vec2 pointer = drag_pointer();
  const float now = upright ? pointer.x : pointer.y;
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    (sizes.*size).reset();
    drag_.reset();
  } else if (ImGui::IsItemActivated()) {
    drag_ = Drag{border, now, sizes};
  } else if (drag_ && drag_->border == border) {
    // Only once it moves: a click alone must not fix a size that follows the window.
    const float by = now - drag_->pressed_at;
    if (!active) {
      drag_.reset();
    } else if (by != 0 || !(sizes == drag_->sizes_then)) {
      sizes = moved(drag_->sizes_then, border, by, window, theme.scale);
    }
  }
  if (hovered || active) {
    ImGui::SetMouseCursor(upright ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
    const float thick = theme.px(2), pad = theme.px(10);
    const Vec2 middle{std::round(strip.origin.x + (strip.size.x - thick) / 2),
                      std::round(strip.origin.y + (strip.size.y - thick) / 2)};
    const Vec2 low =
        upright ? Vec2{middle.x, strip.origin.y + pad} : Vec2{strip.origin.x + pad, middle.y};
    const Vec2 high = upright ? Vec2{middle.x + thick, strip.high().y - pad}
                              : Vec2{strip.high().x - pad, middle.y + thick};
    ImGui::GetWindowDrawList()->AddRectFilled(low, high, active ? color::kAccent : color::kAxis,
                                              thick / 2);
  }
  ImGui::End();
}

void draw_gaps(const Layout& layout, Vec2 window) {
  ImDrawList& list = *ImGui::GetBackgroundDrawList();
  const ImDrawListFlags flags = list.Flags;
  list.Flags = flags & ~ImDrawListFlags_AntiAliasedFill;
  const Rect& left = layout.left;
  const Rect& right = layout.right;
  const float bottom = layout.status.origin.y;
  fill(list, 0, 0, window.x, left.origin.y);
  fill(list, 0, left.origin.y, left.origin.x, bottom);
  fill(list, right.high().x, left.origin.y, window.x, bottom);
  fill(list, 0, bottom, window.x, window.y);
  fill(list, layout.latent.high().x, left.origin.y, right.origin.x, bottom);
  fill(list, left.high().x, left.origin.y, layout.latent.origin.x, left.high().y);
  fill(list, left.origin.x, left.high().y, layout.latent.high().x, layout.lower.origin.y);
  fill(list, left.origin.x, layout.lower.high().y, layout.latent.high().x, bottom);

  fill(list, layout.latent.origin.x, layout.latent.high().y, layout.latent.high().x,
       layout.time_line.origin.y);

  const float radius = ImGui::GetStyle().WindowRounding;
  for (const Rect& rect :
       {layout.left, layout.latent, layout.time_line, layout.right, layout.lower}) {
    if (rect.size.x <= 0 || rect.size.y <= 0) continue;  // hidden
    const Vec2 low = rect.origin, high = rect.high();
    cut_corner(list, low, radius, 0);
    cut_corner(list, {high.x, low.y}, radius, 1);
    cut_corner(list, high, radius, 2);
    cut_corner(list, {low.x, high.y}, radius, 3);
  }
  list.Flags = flags;
}

}  // namespace zscape
