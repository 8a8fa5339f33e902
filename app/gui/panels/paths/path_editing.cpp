#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/gui/panels/paths/path_overlay.h"
#include "engine/text.h"

namespace zscape {
namespace {

const Path* path_of(const Scene& scene, int id) {
  const auto found = std::ranges::find(scene.paths(), id, &PathMark::id);
  return found == scene.paths().end() ? nullptr : &*found;
}

// Adds a control point on the line. Returns its number.
int add_point(Scene& scene, const Path& path, double position) {
  const int id = path.id;
  const double place = position * path.legs();
  const int before = std::clamp(static_cast<int>(std::floor(place)), 0, path.legs() - 1) + 1;
  ControlPoint added{z_along(path, position), {}};
  scene.edit([&](MarkHistory& marks) { marks.insert_point(id, before, std::move(added)); });
  return before;
}

}  // namespace

bool begin_path_drag(Scene& scene, LatentPanelState& state, const Theme& theme) {
  PlotDrag& drag = state.drag;
  if (ImGui::GetIO().KeyShift) return false;  // Shift is for selecting
  const PathHit hit = path_hit_at(scene, state.view, drag.pressed_at, theme);
  const Path* path = path_of(scene, hit.path);
  if (!path) return false;
  drag.path = path->id;
  drag.point = hit.point;
  if (hit.is_line()) {
    const bool adds = ImGui::GetIO().KeyCtrl || ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
    if (!adds) return false;
    drag.point = add_point(scene, *path, hit.position);
    drag.inserted = true;
    path = path_of(scene, drag.path);
  }
  const Vec2 middle =
      scene.screen_of(state.view, path->points[static_cast<std::size_t>(drag.point)].z);
  drag.pointer_offset = middle - drag.pressed_at;
  drag.kind = PlotDrag::Kind::control_point;
  scene.select_path(drag.path, drag.point);
  return true;
}

void drag_point(Scene& scene, const LatentPanelState& state, ControlPoint to, Vec2 screen) {
  const PlotDrag& drag = state.drag;
  const Path* path = path_of(scene, drag.path);
  if (!path || drag.point > path->legs()) return;
  const std::vector<float>& z = path->points[static_cast<std::size_t>(drag.point)].z;
  // A free place keeps the control point's own coordinates off the plot's plane.
  if (!to.source) to.z = scene.moved_to(z, state.view.to_latent(screen));
  if (to == path->points[static_cast<std::size_t>(drag.point)]) return;
  scene.edit([&](MarkHistory& marks) { marks.move_point(drag.path, drag.point, std::move(to)); });
}

bool cancel_point_drag(Scene& scene, LatentPanelState& state) {
  if (state.drag.kind != PlotDrag::Kind::control_point) return false;
  state.drag = {};
  scene.edit([](MarkHistory& marks) { marks.cancel(); });
  return true;
}

PathHit path_hit_under_pointer(const Scene& scene, const LatentPanelState& state,
                               const Theme& theme) {
  if (state.drag.kind == PlotDrag::Kind::control_point) {
    return {state.drag.path, state.drag.point, 0};
  }
  if (state.drag.kind != PlotDrag::Kind::none || !state.pointer_inside) return {};
  return path_hit_at(scene, state.view, ImGui::GetMousePos(), theme);
}

void draw_mark_menu(Scene& scene, LatentPanelState& state, const PanelFrame& frame) {
  if (const PinMark* pin = scene.marks().pin(state.menu_pin)) {
    if (draw_mark_items(state.rename, *pin, frame)) scene.remove_pin(state.menu_pin);
    ImGui::Separator();
  }
  const Path* path = path_of(scene, state.menu_path);
  if (!path) return;
  if (state.menu_point >= 0) {
    const bool removed =
        ImGui::MenuItem(tr("Remove this control point"), tr("Del"), false, path->legs() > 1);
    frame.widgets.note("menu_remove_point");
    if (removed) {
      scene.edit(
          [&](MarkHistory& marks) { marks.remove_point(state.menu_path, state.menu_point); });
      return;
    }
  } else {
    const bool added = ImGui::MenuItem(tr("Add a control point here"), tr("Ctrl-click"));
    frame.widgets.note("menu_add_point");
    if (added) {
      const int point = add_point(scene, *path, state.menu_position);
      scene.edit([](MarkHistory& marks) { marks.finish(); });
      scene.select_path(state.menu_path, point);
      return;
    }
  }
  if (draw_mark_items(state.rename, *path, frame)) scene.remove_path(state.menu_path);
  ImGui::Separator();
}

}  // namespace zscape
