#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/frame/pointer.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/path_overlay.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/picking.h"
#include "app/gui/view/latent/view_fit.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Of codes that a frame compares with a place: some milliseconds.
constexpr std::size_t kMostInFrame = 16'000'000;

// The cursor that two panes share: a ring, and for a place of latent space a cross in it. The dark
// outline keeps it visible on bright pictures.
void draw_linked_cursor(ImDrawList& list, const Theme& theme, Vec2 place, bool cross) {
  const float radius = theme.px(8), arm = theme.px(14);
  for (const bool outline : {true, false}) {
    const ImU32 tint = outline ? with_alpha(color::kBackground, 0.8f) : color::kAccent;
    const float thick = theme.px(outline ? 4.0f : 2.0f);
    list.AddCircle(place, radius, tint, 24, thick);
    if (!cross) continue;
    for (const float side : {-1.0f, 1.0f}) {
      list.AddLine({place.x + side * radius, place.y}, {place.x + side * arm, place.y}, tint,
                   thick);
      list.AddLine({place.x, place.y + side * radius}, {place.x, place.y + side * arm}, tint,
                   thick);
    }
  }
}

// Where the linked cursor is outside the plot, an arrow at the edge points to it.
void draw_way_to(ImDrawList& list, const LatentView& view, const Theme& theme, Vec2 place) {
  const float margin = theme.px(14), length = theme.px(9);
  const Vec2 at{std::clamp(place.x, view.origin.x + margin, view.rect().high().x - margin),
                std::clamp(place.y, view.origin.y + margin, view.rect().high().y - margin)};
  const float away = std::max(std::hypot(place.x - at.x, place.y - at.y), 1.0f);
  const Vec2 along{(place.x - at.x) / away, (place.y - at.y) / away};
  const auto corner = [&](float forward, float aside) {
    return ImVec2(at.x + length * (forward * along.x - aside * along.y),
                  at.y + length * (forward * along.y + aside * along.x));
  };
  list.AddTriangleFilled(corner(1.3f, 0), corner(-0.8f, 0.9f), corner(-0.8f, -0.9f),
                         with_alpha(color::kBackground, 0.8f));
  list.AddTriangleFilled(corner(1, 0), corner(-0.6f, 0.7f), corner(-0.6f, -0.7f), color::kAccent);
}

}  // namespace

void show_nearest_input(const LatentDraw& draw, Vec2 place, bool on_point) {
  LatentPanelState& state = draw.state;
  const Points& points = draw.input.points;
  // With unseen coordinates, points that look near may be far apart.
  const bool unseen = draw.scene.latent() > 2;
  if (unseen && !on_point && points.codes() != nullptr &&
      points.codes()->mean.size() > kMostInFrame) {
    state.nearest.reset();  // the one in the plane may be far away
  } else if (unseen && !on_point) {
    const auto point = nearest_code(points, draw.scene.shown_z(), state.hidden);
    if (point && all_have(draw.input.linked, points.ref(*point))) {
      const Vec2 at = screen_of_point(points, state.view, *point);
      state.nearest = {*point, std::hypot(at.x - place.x, at.y - place.y)};
    }
  }
  draw.scene.show_input(
      state.nearest ? std::optional(points.ref(state.nearest->point)) : std::nullopt,
      unseen && on_point);
}

void draw_latent_hover(const LatentDraw& draw, ImDrawList& list) {
  const LatentPanelState& state = draw.state;
  const Points& points = draw.input.points;
  const Theme& theme = draw.theme();
  const bool drawing = state.drag.kind == PlotDrag::Kind::path && state.drag.travelled;
  Vec2 tip = drag_pointer();
  const bool has_nearest = state.nearest && state.nearest->point < points.count();
  if (has_nearest) {
    const std::size_t point = state.nearest->point;
    const Vec2 place = screen_of_point(points, state.view, point);
    const bool seen = draw.shows(Layer::points);
    const bool snaps =
        seen && state.pointer_inside && state.nearest->distance <= draw.px(kSnapPixels);
    if (snaps) tip = place;
    // No ring where ellipses mark the point: it would look like one of them.
    const bool ellipses = draw.shows(Layer::ellipses) && !state.layers.ellipses_of_all;
    if (seen && !ellipses && (snaps || !drawing)) {
      draw_ring(list, theme, place, color::kText, snaps);
    }
    const int label = points.label(point);
    if (snaps && draw.snapshot.data && !state.layers.card) {
      std::string name = label >= 0
                             ? draw.snapshot.data->class_names[static_cast<std::size_t>(label)]
                             : fmt::format("#{}", points.ref(point).index);
      if (const auto value = draw.input.contents.coloring.value(point)) {
        const ColorChoice by = draw.input.contents.coloring.choice();
        name +=
            fmt::format("   {} {}", short_name_of(by, *draw.snapshot.data), format_value(*value));
      }
      draw_label(list, state.view, theme, {place.x + draw.px(12), place.y + draw.px(8)}, name,
                 class_color(label));
    }
  }
  if (drawing) {
    const Vec2 from = draw.scene.screen_of(state.view, state.drag.from->z);
    draw_path_in_hand(list, theme, from, tip);
  }
  if (has_nearest && !draw.input.linked.empty()) {
    draw_linked_cursor(list, theme, state.view.to_screen(points.position(state.nearest->point)),
                       false);
  }
  if (draw.input.link != nullptr && !state.pointer_inside) {
    const Vec2 linked = state.view.to_screen(draw.scene.plane_of(draw.input.link->z));
    if (state.view.contains(linked)) {
      draw_linked_cursor(list, theme, linked, !draw.input.link->input.has_value());
    } else {
      draw_way_to(list, state.view, theme, linked);
    }
    return;
  }
  if (!state.pointer_inside) {
    const Vec2 shown = draw.scene.screen_of(state.view, draw.scene.shown_z());
    const bool by_hand = draw.scene.through_by_hand();
    if ((by_hand || !draw.scene.selected_pin()) && !points.empty()) {
      draw_plus(list, shown, draw.px(6), color::kAccent, draw.px(1.5f));
    }
    return;
  }
  if (draw.scene.latent() == 0 || draw.spatial()) return;  // nothing is loaded, or no plane
  const Vec2 z = state.view.to_latent(ImGui::GetMousePos());
  const LatentPlane& plane = draw.scene.plane();
  std::string text = fmt::format("{} {:+.3f}", plane.name(plane.axis(0)), z.x);
  if (draw.scene.latent() > 1) {
    text += fmt::format("   {} {:+.3f}", plane.name(plane.axis(1)), z.y);
  }
  draw_label(list, state.view, theme,
             {state.view.rect().high().x, state.view.origin.y + draw.px(6)}, text, color::kText);
}

LatentView below_top_lines(const LatentPanelState& state) {
  LatentView room = state.view;
  room.origin.y += state.top_lines;
  room.size.y -= state.top_lines;
  return room;
}

void draw_cursor_picture(const LatentDraw& draw, ImDrawList& list) {
  constexpr float kSide = 112, kOff = 18;
  const LatentPanelState& state = draw.state;
  const bool linked = draw.input.link != nullptr && !state.pointer_inside;
  const ChosenSequences* sequences = draw.input.sequences;
  const bool on_step = sequences && sequences->shown() && draw.scene.points_at_input() &&
                       draw.scene.shown_input() == sequences->shown();
  const bool elsewhere = linked || (on_step && !state.pointer_inside);
  if (!draw.input.picture_at_cursor || state.card_input || !(state.pointer_inside || elsewhere) ||
      state.drag.kind != PlotDrag::Kind::none || draw.scene.cursor_picture() == kNoPicture) {
    return;
  }
  const ImVec2 size = picture_size(draw.input.pictures.shape(), draw.px(kSide), draw.px(kSide));
  const Vec2 at = elsewhere ? draw.scene.screen_of(state.view, draw.scene.shown_z())
                            : Vec2(ImGui::GetMousePos());
  const auto corner = card_place(below_top_lines(state), at, size, draw.px(kOff));
  if (!corner) return;
  const Rect place{*corner, size};
  draw_bordered(list, draw.input.pictures, draw.scene.cursor_picture(), place, color::kAxis,
                draw.px(1.5f));
  draw.frame.widgets.note("cursor_picture", place);
}

void draw_latent_hint(const LatentDraw& draw, ImDrawList& list) {
  const LatentView& view = draw.state.view;
  const bool selects = draw.state.tool == Tool::select;
  if (draw.state.tool == Tool::path || selects) {
    const std::string text = draw.state.tool == Tool::path
                                 ? tr("Drag from one point to another. Press P or Esc to stop.")
                                 : tr("Drag a box, or with Ctrl a lasso. Press S to stop.");
    draw_label(list, view, draw.theme(),
               {view.origin.x + draw.px(44), view.rect().high().y - draw.px(42)}, text,
               color::kAccent);
  }
  if (!draw.input.points.empty()) return;
  const char* text = draw.snapshot.data
                         ? tr("The codes of the data appear here when the model runs")
                     : draw.snapshot.activity ? tr("Loading …")
                                              : tr("Load data to see its codes here");
  const ImVec2 size = ImGui::CalcTextSize(text);
  list.AddText({std::round(view.origin.x + (view.size.x - size.x) / 2),
                std::round(view.origin.y + (view.size.y - size.y) / 2)},
               color::kMuted, text);
}

}  // namespace zscape
