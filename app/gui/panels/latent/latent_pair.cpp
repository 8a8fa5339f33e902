#include "app/gui/panels/latent/latent_pair.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/comparison.h"

namespace zscape {
namespace {

constexpr float kHeader = 24;   // above each plot, at 100 %
constexpr float kBorder = 8;    // between the two
constexpr float kLeast = 0.2f;  // share of the width that dragging leaves of each

bool holds(const Rect& rect, Vec2 place) {
  return place.x >= rect.origin.x && place.y >= rect.origin.y &&
         place.x < rect.origin.x + rect.size.x && place.y < rect.origin.y + rect.size.y;
}

// A drag keeps its pane wherever it goes; then the pane under the pointer, then the active one.
std::size_t leader_of(const std::array<LatentPane, 2>& panes, const std::array<Rect, 2>& places,
                      std::size_t active) {
  for (std::size_t i = 0; i < panes.size(); ++i) {
    if (panes[i].state.drag.kind != PlotDrag::Kind::none) return i;
  }
  for (std::size_t i = 0; i < panes.size(); ++i) {
    if (holds(places[i], pointer_place())) return i;
  }
  return active;
}

void draw_close(const LatentDraw& draw, LatentPairState& pair, float right, float top) {
  const float side = draw.px(kHeader - 4);
  if (cross_button(draw.frame, "compare_close", {right - side, top}, side)) pair.close = true;
  tooltip(draw.theme(), "Close this model (key B)");
}

std::string facts_of(const ModelView& model) {
  std::string text;
  if (model.spec.has_prior()) text = fmt::format("λ {}", format_setting(model.settings.kl_weight));
  if (model.spec.latent != 2) text += fmt::format("   {} dimensions", model.spec.latent);
  return text + "   step " + step_text(model);
}

// Which model this is. The link is told where there is room.
void draw_header(const LatentDraw& draw, std::size_t which, LatentPairState& pair) {
  const Theme& theme = draw.theme();
  const bool active = pair.active == which;
  const ImVec2 low = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, height = draw.px(kHeader);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float close = which == 1 ? height : 0;
  const float y = std::round(low.y + (height - draw.px(4) - height_of(theme.small)) / 2);
  list.PushClipRect(low, {low.x + width - close, low.y + height}, true);
  const std::string name = short_name_of(draw.model.spec);
  const std::string facts = facts_of(draw.model);
  ImGui::PushFont(theme.title);
  const float name_width = ImGui::CalcTextSize(name.c_str()).x;
  list.AddText({low.x, y - draw.px(2)}, active ? color::kAccent : color::kText, name.c_str());
  ImGui::PopFont();
  ImGui::PushFont(theme.small);
  const float facts_at = low.x + name_width + draw.px(10);
  list.AddText({facts_at, y}, color::kMuted, facts.c_str());
  const float facts_end = facts_at + ImGui::CalcTextSize(facts.c_str()).x;
  if (pair.link) {
    const std::string link = text_of(pair.link->by);
    const float at = low.x + width - close - draw.px(6) - ImGui::CalcTextSize(link.c_str()).x;
    if (at > facts_end + draw.px(16)) list.AddText({at, y}, color::kMuted, link.c_str());
  }
  ImGui::PopFont();
  list.PopClipRect();
  const float line = active ? draw.px(2) : std::max(draw.px(1), 1.0f);
  list.AddRectFilled({low.x, low.y + height - draw.px(3)},
                     {low.x + width, low.y + height - draw.px(3) + line},
                     active ? color::kAccent : color::kLine);
  ImGui::InvisibleButton("header", {std::max(width - close, 1.0f), height - draw.px(2)});
  draw.frame.widgets.note("pane_header");
  tooltip(theme, pair.link ? help_of(pair.link->by).c_str() : "Click to work with this model");
  if (which == 1) draw_close(draw, pair, low.x + width, low.y);
  ImGui::SetCursorScreenPos({low.x, low.y + height});
}

void draw_pane(LatentPane& pane, std::size_t which, const Rect& place, LatentPairState& pair,
               const PanelFrame& frame) {
  const ModelView* model = pane.snapshot.find(pane.model);
  if (model == nullptr) return;
  if (which == 1) frame.widgets.set_prefix("second_");
  ImGui::SetCursorScreenPos({place.origin.x, place.origin.y});
  ImGui::BeginChild(which == 0 ? "first_pane" : "second_pane", {place.size.x, place.size.y}, false,
                    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse |
                        ImGuiWindowFlags_NoBackground);
  if (ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows) &&
      (ImGui::IsMouseClicked(ImGuiMouseButton_Left) ||
       ImGui::IsMouseClicked(ImGuiMouseButton_Right))) {
    pair.active = which;
  }
  const LatentDraw draw{pane.snapshot, *model, pane.input, pane.scene, pane.state, frame};
  draw_header(draw, which, pair);
  draw_latent_plot(draw);
  ImGui::EndChild();
  frame.widgets.set_prefix("");
}

// Drag to give one more room; double-click for halves.
void draw_border(const Rect& whole, LatentPairState& pair, float left, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const float width = theme.px(kBorder);
  ImGui::SetCursorScreenPos({whole.origin.x + left, whole.origin.y});
  ImGui::InvisibleButton("pane_border", {width, std::max(whole.size.y, 1.0f)});
  frame.widgets.note("pane_border");
  const bool active = ImGui::IsItemActive(), hovered = ImGui::IsItemHovered();
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    pair.share = 0.5f;
  } else if (active && ImGui::IsMouseDragging(ImGuiMouseButton_Left, 0)) {
    const float room = std::max(whole.size.x - width, 1.0f);
    pair.share =
        std::clamp((pointer_place().x - width / 2 - whole.origin.x) / room, kLeast, 1 - kLeast);
  }
  if (!active && !hovered) return;
  ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  const float thick = theme.px(2), pad = theme.px(10);
  const float x = std::round(whole.origin.x + left + (width - thick) / 2);
  ImGui::GetWindowDrawList()->AddRectFilled({x, whole.origin.y + pad},
                                            {x + thick, whole.origin.y + whole.size.y - pad},
                                            active ? color::kAccent : color::kAxis, thick / 2);
}

}  // namespace

void share_choices(const LatentPanelState& from, LatentPanelState& to) {
  to.split = from.split;
  to.tool = from.tool;
  to.select_mode = from.select_mode;
  to.hidden = from.hidden;
  to.layers = from.layers;
  to.color_by = from.color_by;
}

void follow_leader(std::array<LatentPane, 2>& panes, LatentPairState& pair) {
  LatentPane& from = panes[pair.leader];
  LatentPane& to = panes[1 - pair.leader];
  const ModelView* one = from.snapshot.find(from.model);
  const ModelView* other = to.snapshot.find(to.model);
  pair.link.reset();
  if (one == nullptr || other == nullptr) return;
  pair.link = link_cursor({one->spec, from.scene, from.input.points},
                          {other->spec, to.scene, to.input.points}, from.scene.shown_input());
  if (pair.link) to.scene.point_at(pair.link->z, pair.link->label);
}

void draw_latent_pair(std::array<LatentPane, 2>& panes, LatentPairState& pair,
                      const PanelFrame& frame) {
  begin_panel("Latent space", frame,
              ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  LatentPane& shown = panes[pair.active];
  if (const ModelView* model = shown.snapshot.find(shown.model)) {
    const LatentDraw draw{shown.snapshot, *model, shown.input, shown.scene, shown.state, frame};
    draw_latent_top(draw);
    share_choices(shown.state, panes[1 - pair.active].state);
  }
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float border = frame.theme.px(kBorder);
  const float left = std::floor((room.x - border) * pair.share);
  const std::array<Rect, 2> places{
      {{{corner.x, corner.y}, {left, room.y}},
       {{corner.x + left + border, corner.y}, {room.x - left - border, room.y}}}};
  pair.leader = leader_of(panes, places, pair.active);
  const std::size_t leader = pair.leader;
  const ModelView* one = panes[0].snapshot.find(panes[0].model);
  const ModelView* other = panes[1].snapshot.find(panes[1].model);
  if (one && other && link_between(one->spec, other->spec) == LinkBy::input) {
    panes[leader].input.linked = &panes[1 - leader].input.points;
  }
  draw_pane(panes[leader], leader, places[leader], pair, frame);
  // Before the other is drawn, so that one frame shows the pointer's place in both.
  follow_leader(panes, pair);
  panes[1 - leader].input.link = pair.link ? &*pair.link : nullptr;
  draw_pane(panes[1 - leader], 1 - leader, places[1 - leader], pair, frame);
  draw_border({{corner.x, corner.y}, {room.x, room.y}}, pair, left, frame);
  share_choices(panes[pair.active].state, panes[1 - pair.active].state);
  end_panel();
}

}  // namespace zscape
