#include "app/gui/panel_gaps.h"

#include <cmath>
#include <numbers>

namespace zscape {
namespace {

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
    list.AddTriangleFilled({tip.x, tip.y}, on_arc(step), on_arc(step + 1), color::kBackground);
  }
}

}  // namespace

void draw_gaps(const Layout& layout, Vec2 window) {
  ImDrawList& list = *ImGui::GetBackgroundDrawList();
  const ImDrawListFlags flags = list.Flags;
  list.Flags = flags & ~ImDrawListFlags_AntiAliasedFill;
  const auto right_of = [](const Rect& rect) { return rect.origin.x + rect.size.x; };
  const auto below = [](const Rect& rect) { return rect.origin.y + rect.size.y; };
  const Rect& left = layout.left;
  const Rect& right = layout.right;
  const float bottom = layout.status.origin.y;
  fill(list, 0, 0, window.x, left.origin.y);
  fill(list, 0, left.origin.y, left.origin.x, bottom);
  fill(list, right_of(right), left.origin.y, window.x, bottom);
  fill(list, 0, bottom, window.x, window.y);
  fill(list, right_of(layout.latent), left.origin.y, right.origin.x, bottom);
  fill(list, right_of(left), left.origin.y, layout.latent.origin.x, below(left));
  fill(list, left.origin.x, below(left), right_of(layout.latent), layout.lower.origin.y);
  fill(list, left.origin.x, below(layout.lower), right_of(layout.latent), bottom);

  fill(list, layout.latent.origin.x, below(layout.latent), right_of(layout.latent),
       layout.time_line.origin.y);

  const float radius = ImGui::GetStyle().WindowRounding;
  for (const Rect& rect :
       {layout.left, layout.latent, layout.time_line, layout.right, layout.lower}) {
    if (rect.size.x <= 0 || rect.size.y <= 0) continue;  // hidden
    const Vec2 low = rect.origin;
    const Vec2 high{right_of(rect), below(rect)};
    cut_corner(list, low, radius, 0);
    cut_corner(list, {high.x, low.y}, radius, 1);
    cut_corner(list, high, radius, 2);
    cut_corner(list, {low.x, high.y}, radius, 3);
  }
  list.Flags = flags;
}

}  // namespace zscape
