#include "app/gui/splitters.h"

#include <cmath>

namespace zscape {
namespace {

constexpr const char* kNames[] = {"border_controls", "border_preview", "border_curves"};

void set_default(LayoutSizes& sizes, Border border) {
  switch (border) {
    case Border::left:
      sizes.left.reset();
      break;
    case Border::right:
      sizes.right.reset();
      break;
    case Border::lower:
      sizes.lower.reset();
      break;
  }
}

}  // namespace

void Splitters::draw(const Layout& layout, LayoutSizes& sizes, Vec2 window, const Theme& theme,
                     WidgetMap& widgets) {
  if (sizes.panels_hidden) {
    drag_.reset();
    return;
  }
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, ImVec2(1, 1));
  for (const Border border : {Border::left, Border::right, Border::lower}) {
    handle(border, layout, sizes, window, theme, widgets);
  }
  ImGui::PopStyleVar(2);
}

void Splitters::handle(Border border, const Layout& layout, LayoutSizes& sizes, Vec2 window,
                       const Theme& theme, WidgetMap& widgets) {
  const Rect strip = strip_of(layout, border);
  if (strip.size.x < 1 || strip.size.y < 1) return;
  const char* name = kNames[static_cast<int>(border)];
  const bool upright = border != Border::lower;
  ImGui::SetNextWindowPos({strip.origin.x, strip.origin.y});
  ImGui::SetNextWindowSize({strip.size.x, strip.size.y});
  ImGui::Begin(name, nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoNav |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBackground |
                   ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoBringToFrontOnFocus);
  ImGui::InvisibleButton("handle", {strip.size.x, strip.size.y});
  widgets.note(name);
  const bool active = ImGui::IsItemActive();
  const bool hovered = ImGui::IsItemHovered();
  const ImVec2 pointer = ImGui::GetIO().MousePos;
  const float now = upright ? pointer.x : pointer.y;
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    set_default(sizes, border);
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
    const ImVec2 middle(std::round(strip.origin.x + (strip.size.x - thick) / 2),
                        std::round(strip.origin.y + (strip.size.y - thick) / 2));
    const ImVec2 low =
        upright ? ImVec2(middle.x, strip.origin.y + pad) : ImVec2(strip.origin.x + pad, middle.y);
    const ImVec2 high = upright ? ImVec2(middle.x + thick, strip.origin.y + strip.size.y - pad)
                                : ImVec2(strip.origin.x + strip.size.x - pad, middle.y + thick);
    ImGui::GetWindowDrawList()->AddRectFilled(low, high, active ? color::kAccent : color::kAxis,
                                              thick / 2);
  }
  ImGui::End();
}

}  // namespace zscape
