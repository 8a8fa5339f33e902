#include "app/gui/panels/latent/latent_panes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "app/gui/panels/frame/pointer.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/frame/pane_colors.h"
#include "app/gui/view/latent/comparison.h"
#include "app/gui/view/latent/view_fit.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kHeader = 24;   // above each plot, at 100 %
constexpr float kBorder = 8;    // between two of them
constexpr float kLeast = 0.2f;  // of the width of two panes, the least that dragging leaves to one

// The pane of a drag, wherever the pointer goes; else the pane under the pointer; else the active
// one.
std::size_t leader_of(std::span<const LatentPane> panes, std::span<const Rect> places,
                      std::size_t active) {
  for (std::size_t i = 0; i < panes.size(); ++i) {
    if (panes[i].state.drag.kind != PlotDrag::Kind::none) return i;
  }
  for (std::size_t i = 0; i < panes.size(); ++i) {
    if (places[i].contains(ImGui::GetMousePos())) return i;
  }
  return active;
}

// Side by side in this rectangle, with a border between each two.
std::vector<Rect> places_in(const Rect& whole, std::span<const float> shares, float border) {
  const float room = whole.size.x - border * static_cast<float>(shares.size() - 1);
  const float end = whole.high().x;
  std::vector<Rect> places;
  float left = whole.origin.x;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const float width = i + 1 < shares.size() ? std::floor(room * shares[i]) : end - left;
    places.push_back({{left, whole.origin.y}, {width, whole.size.y}});
    left += width + border;
  }
  return places;
}

std::string facts_of(const ModelView& model) {
  std::vector<std::string> facts;
  if (model.spec.has_prior()) {
    facts.push_back(tr("λ {}", format_setting(model.settings.kl_weight)));
  }
  if (model.spec.latent == 1) facts.emplace_back(tr("1 dimension"));
  if (model.spec.latent > 2) facts.push_back(tr("{} dimensions", model.spec.latent));
  facts.push_back(tr("step {}", step_text(model)));
  return fmt::format("{}", fmt::join(facts, "   "));
}

// The name of the pane's model, facts about it and, where there is room, how the panes are linked.
void draw_header(const LatentDraw& draw, std::size_t which, LatentPanesState& panes) {
  const Theme& theme = draw.theme();
  const bool active = panes.active == which;
  const ImU32 tint = pane_color(draw.model.id.value);
  const ImVec2 low = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x, height = draw.px(kHeader);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool closes = which > 0;  // the first model is always open
  const float close = closes ? height : 0;
  const float y = std::round(low.y + (height - draw.px(4) - height_of(theme.small)) / 2);
  list.PushClipRect(low, {low.x + width - close, low.y + height}, true);
  const std::string name = short_name_of(draw.model.spec);
  const std::string facts = facts_of(draw.model);
  const float name_width = width_of(theme.title, name.c_str());
  list.AddText(theme.title, height_of(theme.title), {low.x, y - draw.px(2)}, tint, name.c_str());
  const Styled styled(theme.small);
  const float facts_at = low.x + name_width + draw.px(10);
  list.AddText({facts_at, y}, color::kMuted, facts.c_str());
  const float facts_end = facts_at + ImGui::CalcTextSize(facts.c_str()).x;
  const CursorLink* linked =
      which < panes.links.size() && panes.links[which] ? &*panes.links[which] : panes.link();
  if (linked) {
    const std::string link = text_of(linked->by);
    const float at = low.x + width - close - draw.px(6) - ImGui::CalcTextSize(link.c_str()).x;
    if (at > facts_end + draw.px(16)) list.AddText({at, y}, color::kMuted, link.c_str());
  }
  list.PopClipRect();
  const float line = active ? draw.px(2) : std::max(draw.px(1), 1.0f);
  list.AddRectFilled({low.x, low.y + height - draw.px(3)},
                     {low.x + width, low.y + height - draw.px(3) + line},
                     active ? tint : color::kLine);
  ImGui::InvisibleButton("header", {std::max(width - close, 1.0f), height - draw.px(2)});
  draw.frame.widgets.note("pane_header");
  tooltip(theme, linked ? help_of(linked->by).c_str() : tr("Click to work with this model"));
  if (closes) {
    const float side = draw.px(kHeader - 4);
    const ImVec2 corner{low.x + width - side, low.y};
    if (cross_button(draw.frame, "compare_close", corner, side)) panes.close = which;
    tooltip(theme, tr("Close this model (key B)"));
  }
  ImGui::SetCursorScreenPos({low.x, low.y + height});
}

void draw_pane(LatentPane& pane, std::size_t which, const Rect& place, LatentPanesState& panes,
               const PanelFrame& frame) {
  const ModelView* model = pane.snapshot.find(pane.model);
  if (model == nullptr) return;
  frame.widgets.set_prefix(prefix_of_pane(which));
  ImGui::SetCursorScreenPos(place.origin);
  ImGui::BeginChild(fmt::format("pane_{}", which).c_str(), place.size, false,
                    kNoScroll | ImGuiWindowFlags_NoBackground);
  if (ImGui::IsWindowHovered(ImGuiHoveredFlags_ChildWindows) &&
      (ImGui::IsMouseClicked(ImGuiMouseButton_Left) ||
       ImGui::IsMouseClicked(ImGuiMouseButton_Right))) {
    panes.active = which;
  }
  const LatentDraw draw{{frame}, pane.snapshot, *model, pane.input, pane.scene, pane.state};
  draw_header(draw, which, panes);
  draw_latent_plot(draw);
  ImGui::EndChild();
  frame.widgets.set_prefix("");
}

// The border to the right of a pane: drag to resize, double-click for equal widths.
void draw_border(std::span<const Rect> places, std::size_t which, LatentPanesState& panes,
                 const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const Rect& left = places[which];
  const Rect& right = places[which + 1];
  const float begin = left.high().x, width = right.origin.x - begin;
  const std::string name = which == 0 ? "pane_border" : fmt::format("pane_border_{}", which + 1);
  ImGui::SetCursorScreenPos({begin, left.origin.y});
  ImGui::InvisibleButton(name.c_str(), {std::max(width, 1.0f), std::max(left.size.y, 1.0f)});
  frame.widgets.note(name);
  const bool active = ImGui::IsItemActive(), hovered = ImGui::IsItemHovered();
  if (hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
    panes.shares.clear();
  } else if (active && ImGui::IsMouseDragging(ImGuiMouseButton_Left, 0)) {
    const float both = panes.shares[which] + panes.shares[which + 1];
    const float room = std::max(left.size.x + right.size.x, 1.0f);
    const float part = (drag_pointer().x - width / 2 - left.origin.x) / room;
    panes.shares[which] = both * std::clamp(part, kLeast, 1 - kLeast);
    panes.shares[which + 1] = both - panes.shares[which];
  }
  if (!active && !hovered) return;
  ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  const float thick = theme.px(2), pad = theme.px(10);
  const float x = std::round(begin + (width - thick) / 2);
  ImGui::GetWindowDrawList()->AddRectFilled({x, left.origin.y + pad},
                                            {x + thick, left.high().y - pad},
                                            active ? color::kAccent : color::kAxis, thick / 2);
}

bool has_plane(const LatentPane& pane) {
  return !pane.scene.plane().spatial() && !pane.input.points.empty() && pane.state.view.size.x > 0;
}

// Where fitted views go that share a scale, or the extent of all codes.
void share_fit(std::span<LatentPane> panes, SharedAxes axes) {
  std::vector<Box> boxes(panes.size());
  Box all{{std::numeric_limits<float>::max(), std::numeric_limits<float>::max()},
          {std::numeric_limits<float>::lowest(), std::numeric_limits<float>::lowest()}};
  for (std::size_t i = 0; i < panes.size(); ++i) {
    panes[i].state.common_fit.reset();
    const ModelView* model = panes[i].snapshot.find(panes[i].model);
    if (axes == SharedAxes::own || model == nullptr || !has_plane(panes[i])) continue;
    boxes[i] = box_to_show(panes[i].input.points.extent(), model->spec.has_prior());
    all = {{std::min(all.low.x, boxes[i].low.x), std::min(all.low.y, boxes[i].low.y)},
           {std::max(all.high.x, boxes[i].high.x), std::max(all.high.y, boxes[i].high.y)}};
  }
  if (axes == SharedAxes::own) return;
  float scale = std::numeric_limits<float>::max();
  const auto target_of = [&](std::size_t i) {
    return fit(axes == SharedAxes::extent ? all : boxes[i], panes[i].state.view.size);
  };
  for (std::size_t i = 0; i < panes.size(); ++i) {
    if (has_plane(panes[i])) scale = std::min(scale, target_of(i).pixels_per_unit);
  }
  for (std::size_t i = 0; i < panes.size(); ++i) {
    if (has_plane(panes[i])) panes[i].state.common_fit = ViewTarget{target_of(i).center, scale};
  }
}

// Makes views that share axes zoom, pan and fit with the leader.
void share_view(std::span<LatentPane> panes, std::size_t leader, SharedAxes axes) {
  const LatentPanelState& from = panes[leader].state;
  if (axes == SharedAxes::own || !has_plane(panes[leader])) return;
  for (LatentPane& pane : panes) {
    if (&pane == &panes[leader] || !has_plane(pane)) continue;
    LatentPanelState& to = pane.state;
    to.auto_fit = from.auto_fit;
    if (from.auto_fit) continue;
    to.flight.reset();
    to.placed = true;
    jump(to.view, {axes == SharedAxes::extent ? from.view.center : to.view.center,
                   from.view.pixels_per_unit});
  }
}

void share_choices_of_active(std::span<LatentPane> panes, std::size_t active) {
  for (LatentPane& pane : panes) {
    if (&pane != &panes[active]) share_choices(panes[active].state, pane.state);
  }
}

}  // namespace

std::vector<std::size_t> order_of(const LatentPanesState& state, std::size_t count) {
  if (state.order.size() == count) return state.order;
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

const CursorLink* LatentPanesState::link() const {
  const auto found = std::ranges::find_if(links, [](const auto& each) { return each.has_value(); });
  return found == links.end() ? nullptr : &**found;
}

void share_choices(const LatentPanelState& from, LatentPanelState& to) {
  to.split = from.split;
  to.tool = from.tool;
  to.select_mode = from.select_mode;
  to.hidden = from.hidden;
  to.layers = from.layers;
  to.color_by = from.color_by;
  to.metadata = from.metadata;
}

void follow_leader(std::span<LatentPane> panes, LatentPanesState& state) {
  state.links.assign(panes.size(), {});
  const LatentPane& from = panes[state.leader];
  const ModelView* leader = from.snapshot.find(from.model);
  if (leader == nullptr) return;
  for (std::size_t i = 0; i < panes.size(); ++i) {
    const LatentPane& to = panes[i];
    const ModelView* model = to.snapshot.find(to.model);
    if (i == state.leader || model == nullptr) continue;
    std::optional<CursorLink>& link = state.links[i];
    link = link_cursor({leader->spec, from.scene, from.input.points},
                       {model->spec, to.scene, to.input.points}, from.scene.shown_input());
    if (link) to.scene.point_at(link->z, link->label);
  }
}

void draw_latent_panes(std::span<LatentPane> panes, LatentPanesState& state,
                       const PanelFrame& frame) {
  if (panes.size() == 1) {
    LatentPane& only = panes.front();
    only.state.common_fit.reset();
    draw_latent_panel(only.snapshot, only.model, only.input, only.scene, only.state, frame);
    return;
  }
  begin_panel(tr("Latent space"), frame, kNoScroll);
  LatentPane& shown = panes[state.active];
  if (const ModelView* model = shown.snapshot.find(shown.model)) {
    const LatentDraw draw{{frame}, shown.snapshot, *model, shown.input, shown.scene, shown.state};
    draw_latent_top(draw);
    share_choices_of_active(panes, state.active);
  }
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const ImVec2 room = ImGui::GetContentRegionAvail();
  if (state.shares.size() != panes.size()) {
    state.shares.assign(panes.size(), 1.0f / static_cast<float>(panes.size()));
  }
  CompareMenuState* menu = shown.input.compare;
  const SharedAxes axes = menu ? menu->axes : SharedAxes::own;
  std::vector<std::size_t> order = order_of(state, panes.size());
  if (menu && std::exchange(menu->swaps, false)) {
    std::rotate(order.begin(), order.begin() + 1, order.end());
    state.order = order;
  }
  const std::vector<Rect> from_left = places_in({corner, room}, state.shares, frame.px(kBorder));
  std::vector<Rect> places(panes.size());
  for (std::size_t i = 0; i < panes.size(); ++i) places[order[i]] = from_left[i];
  state.leader = leader_of(panes, places, state.active);
  share_fit(panes, axes);
  LatentPane& leader = panes[state.leader];
  const ModelView* leading = leader.snapshot.find(leader.model);
  for (const LatentPane& pane : panes) {
    const ModelView* model = pane.snapshot.find(pane.model);
    if (&pane != &leader && leading && model &&
        link_between(leading->spec, model->spec) == LinkBy::input) {
      leader.input.linked.push_back(&pane.input.points);
    }
  }
  draw_pane(leader, state.leader, places[state.leader], state, frame);
  // Before the others are drawn, so that one frame shows the pointer's place in all.
  follow_leader(panes, state);
  share_view(panes, state.leader, axes);
  for (std::size_t i = 0; i < panes.size(); ++i) {
    if (i == state.leader) continue;
    panes[i].input.link = state.links[i] ? &*state.links[i] : nullptr;
    panes[i].input.pointer_elsewhere = leader.state.pointer_inside;
    draw_pane(panes[i], i, places[i], state, frame);
  }
  for (std::size_t i = 0; i + 1 < panes.size(); ++i) draw_border(from_left, i, state, frame);
  share_choices_of_active(panes, state.active);
  ImGui::End();
}

}  // namespace zscape
