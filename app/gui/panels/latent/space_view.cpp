
#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/picking.h"
#include "app/gui/view/latent/reach.h"
#include "app/gui/view/latent/view_fit.h"

namespace zscape {
namespace {

constexpr double kApproachS = 0.25;  // after this time 1/e of the way is left

// The cube that holds the codes but for the outermost and, with a prior, its 3 σ contour.
OrbitCamera cube_around(const Points& points, bool has_prior) {
  const auto [near, far] = points.depth_extent();
  const Box front = box_to_show(points.extent(), has_prior);
  const Box side = box_to_show({{near, near}, {far, far}}, has_prior);
  OrbitCamera cube;
  cube.middle = {(front.low.x + front.high.x) / 2, (front.low.y + front.high.y) / 2,
                 (side.low.x + side.high.x) / 2};
  cube.half = std::max({front.high.x - front.low.x, front.high.y - front.low.y,
                        side.high.x - side.low.x, 1e-4f}) /
              2;
  return cube;
}

}  // namespace

void keep_space_fitted(const LatentDraw& draw, double seconds) {
  LatentPanelState& state = draw.state;
  if (!state.view.orbit) {
    state.view.orbit.emplace();
    state.placed = false;
  }
  OrbitCamera& camera = *state.view.orbit;
  if (draw.input.points.to_depth().empty() || !state.auto_fit) return;
  const OrbitCamera cube = cube_around(draw.input.points, draw.model.spec.has_prior());
  const float off = std::max(
      {std::abs(cube.middle.x - camera.middle.x), std::abs(cube.middle.y - camera.middle.y),
       std::abs(cube.middle.z - camera.middle.z), std::abs(cube.half - camera.half)});
  if (!state.placed || draw.theme().reduced_motion || off < 2e-3f * cube.half) {
    camera.middle = cube.middle;
    camera.half = cube.half;
    state.placed = true;
    return;
  }
  const auto part = static_cast<float>(1 - std::exp(-seconds / kApproachS));
  camera.middle.x += part * (cube.middle.x - camera.middle.x);
  camera.middle.y += part * (cube.middle.y - camera.middle.y);
  camera.middle.z += part * (cube.middle.z - camera.middle.z);
  camera.half += part * (cube.half - camera.half);
  state.view_moving = true;
}

void drag_space(const LatentDraw& draw, Vec2 now) {
  PlotDrag& drag = draw.state.drag;
  if (!draw.state.view.orbit) return;  // the plane has come back meanwhile
  OrbitCamera& camera = *draw.state.view.orbit;
  const Vec2 by = now - drag.last;
  drag.last = now;
  if (drag.kind == PlotDrag::Kind::orbit) {
    camera.turn(by.x / draw.theme().scale, by.y / draw.theme().scale);
  } else {
    camera.pan_x = held(camera.pan_x + by.x);
    camera.pan_y = held(camera.pan_y - by.y);
  }
}

void zoom_space(const LatentDraw& draw, Vec2 pointer, float factor) {
  const LatentView& view = draw.state.view;
  OrbitCamera& camera = *draw.state.view.orbit;
  camera.zoom_at(pointer.x - view.origin.x - view.size.x / 2,
                 view.origin.y + view.size.y / 2 - pointer.y, factor);
  camera.pan_x = held(camera.pan_x);
  camera.pan_y = held(camera.pan_y);
}

void point_at_code(const LatentDraw& draw, std::size_t point) {
  const int label = draw.input.points.label(point);
  draw.scene.point_at(draw.input.points.mean(point),
                      draw.scene.labels() > 0 && label >= 0 ? label : draw.scene.label());
}

void hover_space(const LatentDraw& draw) {
  if (show_sequence_step(draw)) return;
  LatentPanelState& state = draw.state;
  const Points& points = draw.input.points;
  const float reach = draw.px(kSnapPixels);
  const bool turning = state.drag.kind != PlotDrag::Kind::none && state.drag.travelled;
  draw.scene.leave();
  const CursorLink* link = draw.input.link;
  if (link != nullptr && !state.pointer_inside) draw.scene.point_at(link->z, link->label);
  Vec2 place = ImGui::GetMousePos();
  if (!state.pointer_inside || turning) {
    place = draw.scene.screen_of(state.view, draw.scene.shown_z());
  }
  state.nearest = nearest_in_space(points, state.view, place, state.hidden, reach / 2);
  if (link != nullptr && link->input && !state.pointer_inside) {
    if (const auto point = points.find(*link->input)) state.nearest = {*point, 0};
  }
  const bool rests = state.nearest && state.pointer_inside && !turning &&
                     draw.shows(Layer::points) && state.nearest->distance <= reach;
  if (rests) point_at_code(draw, state.nearest->point);
  const bool linked = link != nullptr && link->input && !state.pointer_inside;
  show_nearest_input(draw, place, rests || linked);
}

namespace {

// Three great circles around the origin where the prior's density has fallen to that of so many σ;
// what lies behind the middle is fainter.
void draw_sphere(const LatentDraw& draw, ImDrawList& list, float sigmas) {
  constexpr int kCorners = 72;
  const LatentView& view = draw.state.view;
  const OrbitCamera& camera = *view.orbit;
  const float middle = camera.see({}, view.size.x, view.size.y).depth;
  for (int plane = 0; plane < 3; ++plane) {
    const auto at = [&](int corner) {
      const float angle =
          2 * std::numbers::pi_v<float> * static_cast<float>(corner) / static_cast<float>(kCorners);
      const float u = sigmas * std::cos(angle), v = sigmas * std::sin(angle);
      return plane == 0 ? Vec3{u, v, 0} : plane == 1 ? Vec3{u, 0, v} : Vec3{0, u, v};
    };
    Vec2 before = view.space_to_screen(at(0));
    for (int corner = 1; corner <= kCorners; ++corner) {
      const Vec3 place = at(corner);
      const Vec2 now = view.space_to_screen(place);
      const bool behind = camera.see(place, view.size.x, view.size.y).depth > middle;
      list.AddLine(before, now, with_alpha(color::kText, behind ? 0.12f : 0.34f), draw.px(1));
      before = now;
    }
  }
}

// A plumb line from the nearest code to the floor, which tells its depth.
void draw_plumb_line(const LatentDraw& draw, ImDrawList& list) {
  const LatentPanelState& state = draw.state;
  const Points& points = draw.input.points;
  if (!state.nearest || state.nearest->point >= points.count() || !draw.shows(Layer::points)) {
    return;
  }
  const std::size_t point = state.nearest->point;
  const OrbitCamera& camera = *state.view.orbit;
  const Vec2 position = points.position(point);
  const float floor = camera.middle.y - camera.half, depth = points.depth(point);
  if (!(position.y > floor)) return;
  const Vec2 foot = state.view.space_to_screen({position.x, floor, depth});
  list.AddLine(screen_of_point(points, state.view, point), foot, with_alpha(color::kText, 0.45f),
               draw.px(1));
  list.AddCircleFilled(foot, draw.px(2.5f), with_alpha(color::kText, 0.6f), 10);
}

}  // namespace

void draw_space_prior(const LatentDraw& draw, ImDrawList& list, PlacedLabels& labels) {
  const LatentView& view = draw.state.view;
  if (!view.orbit) return;
  for (const float sigmas : {1.0f, 3.0f}) {
    draw_sphere(draw, list, sigmas);
    const Vec2 top = view.space_to_screen({0, sigmas, 0});
    if (!view.contains(top)) continue;
    const Vec2 corner{top.x + draw.px(5), top.y - draw.px(16)};
    labels.put({&corner, 1}, fmt::format("{:.0f} σ", sigmas), color::kMuted);
  }
}

void draw_space_axes(const LatentDraw& draw, ImDrawList& list, PlacedLabels& labels) {
  const LatentView& view = draw.state.view;
  if (!view.orbit || draw.input.points.empty()) return;
  const OrbitCamera& camera = *view.orbit;
  draw_plumb_line(draw, list);
  const LatentPlane& plane = draw.scene.plane();
  // Along the three edges from one lower corner: the one that lies behind.
  const Vec3 low{camera.middle.x - camera.half, camera.middle.y - camera.half,
                 camera.middle.z - camera.half};
  const auto along = [&](int axis, float part) {
    Vec3 place = low;
    (axis == 0 ? place.x : axis == 1 ? place.y : place.z) += part * 2 * camera.half;
    return place;
  };
  const auto put = [&](Vec3 place, const std::string& text, ImU32 rgba) {
    const Vec2 at = view.space_to_screen(place);
    const float near = draw.px(50);  // a label just outside is moved into the plot
    const Vec2 corner{at.x + draw.px(4), at.y - draw.px(7)};
    if (near_plot(view, at, near)) labels.put({&corner, 1}, text, rgba);
  };
  for (int i = 0; i < 3; ++i) {
    put(along(i, 1.04f), axis_title(draw.scene, plane.axis(i)), color::kText);
  }
  if (std::min(view.size.x, view.size.y) < draw.px(360)) return;  // there is no room for numbers
  for (int i = 0; i < 3; ++i) {
    const float from = i == 0 ? low.x : i == 1 ? low.y : low.z;
    put(along(i, 0.9f), format_value(from + 1.8f * camera.half, 2), color::kMuted);
    put(along(i, 0.1f), format_value(from + 0.2f * camera.half, 2), color::kMuted);
  }
}

}  // namespace zscape
