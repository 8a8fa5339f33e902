
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <vector>

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

// Labels that are never written over one another: what comes first stands.
class Labels {
 public:
  Labels(const LatentDraw& draw, ImDrawList& list) : draw_(draw), list_(list) {}

  void put(Vec3 place, const std::string& text, ImU32 rgba) {
    const LatentView& view = draw_.state.view;
    const Vec2 at = view.space_to_screen(place);
    const float near = draw_.px(50);  // a label just outside is moved into the plot
    if (!near_plot(view, at, near)) return;
    const ImVec2 size = text_size(draw_.theme().small, text);
    const ImVec2 low{at.x + draw_.px(4), at.y - draw_.px(7)};
    const ImRect room(low, {low.x + size.x + draw_.px(4), low.y + size.y});
    for (const ImRect& other : taken_) {
      if (other.Overlaps(room)) return;
    }
    taken_.push_back(room);
    draw_label(list_, view, draw_.theme(), low, text, rgba);
  }

 private:
  const LatentDraw& draw_;
  ImDrawList& list_;
  std::vector<ImRect> taken_;
};

}  // namespace

void draw_space_axes(const LatentDraw& draw, ImDrawList& list) {
  const LatentView& view = draw.state.view;
  if (!view.orbit || draw.input.points.empty()) return;
  const OrbitCamera& camera = *view.orbit;
  const LatentPlane& plane = draw.scene.plane();
  // Along the three edges from one lower corner: the one that lies behind.
  const Vec3 low{camera.middle.x - camera.half, camera.middle.y - camera.half,
                 camera.middle.z - camera.half};
  const auto along = [&](int axis, float part) {
    Vec3 place = low;
    (axis == 0 ? place.x : axis == 1 ? place.y : place.z) += part * 2 * camera.half;
    return place;
  };
  Labels labels(draw, list);
  for (int i = 0; i < 3; ++i) {
    labels.put(along(i, 1.04f), axis_title(draw.scene, plane.axis(i)), color::kText);
  }
  if (std::min(view.size.x, view.size.y) < draw.px(360)) return;  // there is no room for numbers
  for (int i = 0; i < 3; ++i) {
    const float from = i == 0 ? low.x : i == 1 ? low.y : low.z;
    labels.put(along(i, 0.9f), format_value(from + 1.8f * camera.half, 2), color::kMuted);
    labels.put(along(i, 0.1f), format_value(from + 0.2f * camera.half, 2), color::kMuted);
  }
}

}  // namespace zscape
