#include "app/gui/panels/paths/path_overlay.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kPointReach = 7;  // pixels around a control point that mean it
constexpr float kLineReach = 5;

// The place on the segment from a to b that is nearest to a point, in [0, 1].
float share_along(Vec2 point, Vec2 a, Vec2 b) {
  const Vec2 along = b - a, off = point - a;
  const float square = along.x * along.x + along.y * along.y;
  if (!(square > 0)) return 0;
  return std::clamp((off.x * along.x + off.y * along.y) / square, 0.0f, 1.0f);
}

// The selected path first, then from the top down.
std::vector<const Path*> from_the_top(const Scene& scene) {
  std::vector<const Path*> paths;
  if (const Path* selected = scene.selected_path()) paths.push_back(selected);
  for (auto path = scene.paths().rbegin(); path != scene.paths().rend(); ++path) {
    if (&*path != scene.selected_path()) paths.push_back(&*path);
  }
  return paths;
}

struct Nearest {
  float distance = std::numeric_limits<float>::infinity();
  double position = 0;
};

Nearest nearest_on(const Path& path, const Scene& scene, const LatentView& view, Vec2 screen) {
  Nearest nearest;
  Vec2 from = scene.screen_of(view, path.line.front());
  for (std::size_t i = 1; i < path.line.size(); ++i) {
    const Vec2 to = scene.screen_of(view, path.line[i]);
    const float share = share_along(screen, from, to);
    const float away = std::hypot(screen.x - from.x - share * (to.x - from.x),
                                  screen.y - from.y - share * (to.y - from.y));
    if (away < nearest.distance) {
      const double low = path.line_at[i - 1], high = path.line_at[i];
      nearest = {away, low + double{share} * (high - low)};
    }
    from = to;
  }
  return nearest;
}

void draw_point(ImDrawList& list, const Theme& theme, Vec2 at, ImU32 tint, bool is_end,
                bool is_chosen, bool is_under) {
  const float radius = theme.px((is_end ? 5.0f : 4.0f) + (is_under ? 1.5f : 0.0f));
  list.AddCircleFilled(at, radius + theme.px(1.5f), color::kBackground, 20);
  if (is_chosen || (!is_end && is_under)) {
    list.AddCircleFilled(at, radius, tint, 20);
  } else {
    list.AddCircle(at, radius, tint, 20, theme.px(2));
  }
}

void draw_path(ImDrawList& list, const LatentView& view, const Theme& theme, const Scene& scene,
               const Path& path, const PathHit& under, WidgetMap& widgets) {
  if (!scene.is_placed(path)) return;
  const bool selected = scene.selected_path() == &path;
  const ImU32 tint = selected ? color::kAccent : color::kText;
  std::vector<ImVec2> line;
  line.reserve(path.line.size());
  for (const std::vector<float>& z : path.line) line.push_back(scene.screen_of(view, z));
  const int count = static_cast<int>(line.size());
  const bool searched = path.mode == PathMode::geodesic && path.film().z.empty();
  list.AddPolyline(line.data(), count, with_alpha(color::kBackground, 0.8f), 0, theme.px(5));
  // Faint while its geodesic is still searched.
  list.AddPolyline(line.data(), count, searched ? with_alpha(tint, 0.45f) : tint, 0, theme.px(2));
  for (const std::vector<float>& z : path.film().z) {
    const Vec2 dot = scene.screen_of(view, z);
    if (!near_plot(view, dot, theme.px(8))) continue;
    list.AddCircleFilled(dot, theme.px(3.5f), color::kBackground, 10);
    list.AddCircleFilled(dot, theme.px(2.3f), tint, 10);
  }
  for (int point = 0; point <= path.legs(); ++point) {
    const Vec2 at = scene.screen_of(view, path.points[static_cast<std::size_t>(point)].z);
    if (!near_plot(view, at, theme.px(8))) continue;
    const bool is_end = point == 0 || point == path.legs();
    const bool is_chosen = selected && scene.selected_point() == point;
    const bool is_under = under.path == path.id && under.point == point;
    draw_point(list, theme, at, tint, is_end, is_chosen, is_under);
    const float reach = theme.px(kPointReach);
    widgets.note(fmt::format("path_{}_point_{}", path.id, point),
                 {{at.x - reach, at.y - reach}, {2 * reach, 2 * reach}});
  }
  const Vec2 from = scene.screen_of(view, path.points.front().z);
  if (near_plot(view, from, 0)) {
    draw_label(list, view, theme, {from.x + theme.px(8), from.y + theme.px(4)}, path.name, tint);
  }
}

// The played position, with its picture above it.
void draw_played(ImDrawList& list, const LatentView& view, const Theme& theme, const Scene& scene,
                 const Pictures& pictures, WidgetMap& widgets) {
  const Path* path = scene.selected_path();
  if (!path || !scene.playback().engaged() || !scene.is_placed(*path)) return;
  const Vec2 at = scene.screen_of(view, z_along(*path, scene.playback().position()));
  if (!near_plot(view, at, theme.px(90))) return;
  const float radius = theme.px(6);
  widgets.note("path_marker", {{at.x - radius, at.y - radius}, {2 * radius, 2 * radius}});
  const auto size = mark_size(pictures.shape(), theme.px(42), theme.px(90));
  if (size && scene.played_picture() != kNoPicture) {
    const Vec2 low{std::floor(at.x - size->x / 2), std::floor(at.y - theme.px(12) - size->y)};
    draw_bordered(list, pictures, scene.played_picture(), {low, *size}, color::kAccent,
                  theme.px(1.5f));
  }
  list.AddCircleFilled(at, radius + theme.px(2), color::kBackground, 24);
  list.AddCircleFilled(at, radius, color::kAccent, 24);
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

PathHit path_hit_at(const Scene& scene, const LatentView& view, Vec2 screen, const Theme& theme) {
  const std::vector<const Path*> paths = from_the_top(scene);
  for (const Path* path : paths) {
    for (int point = path->legs(); point >= 0; --point) {
      const Vec2 at = scene.screen_of(view, path->points[static_cast<std::size_t>(point)].z);
      if (std::hypot(at.x - screen.x, at.y - screen.y) <= theme.px(kPointReach)) {
        return {path->id, point, 0};
      }
    }
  }
  for (const Path* path : paths) {
    const Nearest nearest = nearest_on(*path, scene, view, screen);
    if (nearest.distance <= theme.px(kLineReach)) return {path->id, -1, nearest.position};
  }
  return {};
}

void draw_paths(ImDrawList& list, const LatentView& view, const Theme& theme, const Scene& scene,
                const Pictures& pictures, const PathHit& under, WidgetMap& widgets) {
  const std::vector<const Path*> paths = from_the_top(scene);
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    draw_path(list, view, theme, scene, **path, under, widgets);
  }
  draw_played(list, view, theme, scene, pictures, widgets);
}

void draw_path_in_hand(ImDrawList& list, const Theme& theme, Vec2 from, Vec2 to) {
  list.AddLine(from, to, with_alpha(color::kBackground, 0.8f), theme.px(5));
  list.AddLine(from, to, color::kAccent, theme.px(2));
  for (int frame = 0; frame < kPathFrames; ++frame) {
    const float part = static_cast<float>(frame) / static_cast<float>(kPathFrames - 1);
    list.AddCircleFilled(from + part * (to - from), theme.px(2.5f), color::kAccent, 10);
  }
}

bool begin_path_drag(Scene& scene, LatentPanelState& state, const Theme& theme) {
  PlotDrag& drag = state.drag;
  if (ImGui::GetIO().KeyShift) return false;  // Shift is for selecting
  const PathHit hit = path_hit_at(scene, state.view, drag.pressed_at, theme);
  const Path* path = item_of(scene.paths(), hit.path);
  if (!path) return false;
  drag.path = path->id;
  drag.point = hit.point;
  if (hit.is_line()) {
    const bool adds = ImGui::GetIO().KeyCtrl || ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
    if (!adds) return false;
    drag.point = add_point(scene, *path, hit.position);
    drag.inserted = true;
    path = item_of(scene.paths(), drag.path);
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
  const Path* path = item_of(scene.paths(), drag.path);
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
  const Path* path = item_of(scene.paths(), state.menu_path);
  if (!path) return;
  if (state.menu_point >= 0) {
    const bool removed = menu_entry(tr("Remove this control point"), tr("Del"), path->legs() > 1);
    frame.widgets.note("menu_remove_point");
    if (removed) {
      scene.edit(
          [&](MarkHistory& marks) { marks.remove_point(state.menu_path, state.menu_point); });
      return;
    }
  } else {
    const bool added = menu_entry(tr("Add a control point here"), tr("Ctrl-click"));
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
