#include "app/gui/panels/latent_panel.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "app/gui/panels/color_choice.h"
#include "app/gui/panels/latent_overlay.h"
#include "app/gui/panels/layer_overlay.h"
#include "app/gui/panels/layers_menu.h"
#include "app/gui/panels/legend.h"
#include "app/gui/panels/own_image_panel.h"
#include "app/gui/view/format.h"
#include "app/gui/panels/path_editing.h"
#include "app/gui/panels/path_overlay.h"
#include "app/gui/view/view_fit.h"

namespace zscape {
namespace {

constexpr float kClickTravel = 4;   // pixels; less is a click
constexpr float kZoomStep = 1.15f;  // a notch of the wheel
constexpr float kPinReach = 8;      // pixels around a pin's centre that mean the pin

// One frame of the panel: what the helpers below all need.
struct Draw {
  const Snapshot& snapshot;
  const ModelView& model;
  const LatentPanelInput& input;
  Scene& scene;
  LatentPanelState& state;
  const PanelFrame& frame;

  const Theme& theme() const { return frame.theme; }
  float px(float pixels) const { return frame.theme.px(pixels); }
  bool has_labels() const { return snapshot.data && !snapshot.data->class_names.empty(); }
  // Switched on, and with something to show for this model.
  bool shows(Layer layer) const {
    return state.layers.shown(layer) && why_not(layer, model.spec, has_labels()).empty();
  }
};

Vec2 pointer() {
  const ImVec2 position = ImGui::GetIO().MousePos;
  return {position.x, position.y};
}

// A button that shows whether its choice is the present one.
bool choice(const Draw& draw, const char* text, const char* widget, bool chosen) {
  if (chosen) {
    ImGui::PushStyleColor(ImGuiCol_Button, color::kAccentDim);
    ImGui::PushStyleColor(ImGuiCol_ButtonHovered, color::kAccentDim);
  }
  ImGui::PushFont(draw.theme().small);
  const bool clicked = ImGui::Button(text);
  ImGui::PopFont();
  if (chosen) ImGui::PopStyleColor(2);
  draw.frame.widgets.note(widget);
  return clicked;
}

void draw_axis_choice(const Draw& draw) {
  const int latent = draw.scene.latent();
  if (latent <= 2) return;
  Axes axes = draw.scene.axes();
  ImGui::PushFont(draw.theme().small);
  const float width = draw.px(70), gap = ImGui::GetStyle().ItemSpacing.x;
  ImGui::SameLine();
  if (ImGui::GetContentRegionAvail().x < 2 * width + gap) ImGui::NewLine();  // a row of their own
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (i > 0) ImGui::SameLine();
    ImGui::SetNextItemWidth(width);
    const std::string name = fmt::format("{} z{}", i == 0 ? "x:" : "y:", axes[i] + 1);
    if (ImGui::BeginCombo(i == 0 ? "##axis_x" : "##axis_y", name.c_str())) {
      for (int dimension = 0; dimension < latent; ++dimension) {
        const std::string item = fmt::format("z{}", dimension + 1);
        if (ImGui::Selectable(item.c_str(), dimension == axes[i])) {
          // The same dimension twice would show a line: the two change places.
          if (axes[1 - i] == dimension) axes[1 - i] = axes[i];
          axes[i] = dimension;
          draw.state.placed = false;
        }
      }
      ImGui::EndCombo();
    }
    draw.frame.widgets.note(i == 0 ? "axis_x" : "axis_y");
  }
  ImGui::PopFont();
  draw.scene.set_axes(axes);
}

void draw_toolbar(const Draw& draw) {
  LatentPanelState& state = draw.state;
  ImGui::SameLine(0, draw.px(16));
  if (choice(draw, "Training", "split_train", state.split == SplitName::train)) {
    state.split = SplitName::train;
  }
  tooltip(draw.theme(), "Show codes of training inputs");
  ImGui::SameLine(0, draw.px(2));
  if (choice(draw, "Test", "split_test", state.split == SplitName::test)) {
    state.split = SplitName::test;
  }
  tooltip(draw.theme(), "Show codes of test inputs");
  ImGui::SameLine(0, draw.px(12));
  if (choice(draw, "Path", "path_tool", state.path_tool)) state.path_tool = !state.path_tool;
  tooltip(draw.theme(),
          "Drag from one point to another to see the pictures between them (key P, or the right "
          "mouse button at any time). Ctrl-click or double-click on a path adds a control point; "
          "drag control points to bend it.");
  ImGui::SameLine(0, draw.px(2));
  if (choice(draw, "Fit", "fit", state.auto_fit)) state.auto_fit = true;
  tooltip(
      draw.theme(),
      "Keep the codes in view (Home), until you zoom or pan. The outermost 0.5 % at each side do "
      "not count, so some may lie outside.");
  if (OwnImage* own = draw.input.own_image) {
    ImGui::SameLine(0, draw.px(12));
    if (choice(draw, "Draw", "own_image", own->open)) own->open = !own->open;
    tooltip(draw.theme(), "Draw a picture of your own and see where the model puts it");
  }
  ImGui::SameLine(0, draw.px(2));
  state.layers_open = draw_layers_menu(draw.model.spec, draw.has_labels(), state.layers,
                                       draw.input.keys.escape, draw.frame);
  draw_axis_choice(draw);
}

void keep_view_fitted(const Draw& draw) {
  LatentPanelState& state = draw.state;
  state.view_moving = false;
  const double seconds = std::clamp(draw.frame.time_s - state.last_time_s, 0.0, 0.25);
  state.last_time_s = draw.frame.time_s;
  if (draw.input.points.empty() || !state.auto_fit) return;
  const bool has_prior = draw.model.spec.has_prior();
  const ViewTarget target =
      fit(box_to_show(draw.input.points.extent(), has_prior), state.view.size);
  if (!state.placed || draw.theme().reduced_motion) {
    jump(state.view, target);
    state.placed = true;
  } else {
    state.view_moving = approach(state.view, target, seconds);
  }
}

// The input within reach of a place on the screen, if any.
std::optional<std::size_t> snapped_point(const Draw& draw, Vec2 screen) {
  if (!draw.shows(Layer::points)) return {};
  const auto picked = nearest_point(draw.input.points, draw.state.view, screen, draw.state.hidden);
  if (!picked || picked->distance > draw.px(kSnapPixels)) return {};
  return picked->point;
}

ControlPoint end_at(const Draw& draw, Vec2 screen) {
  ControlPoint end;
  if (const auto point = snapped_point(draw, screen)) {
    const std::span<const float> mean = draw.input.points.mean(*point);
    end.z.assign(mean.begin(), mean.end());
    end.source = draw.input.points.ref(*point);
  } else {
    end.z = draw.scene.z_at(draw.state.view.to_latent(screen));
  }
  return end;
}

// The label that something marked there is decoded with.
int label_at(const Draw& draw, const std::optional<PointRef>& source) {
  if (!source || draw.scene.labels() == 0 || !draw.snapshot.data) return draw.scene.label();
  const int label = draw.snapshot.data->split(source->split).label(source->index);
  return label >= 0 ? label : draw.scene.label();
}

void begin_drag(const Draw& draw, int button) {
  PlotDrag& drag = draw.state.drag;
  drag = {};
  drag.button = button;
  drag.pressed_at = pointer();
  drag.center_then = draw.state.view.center;
  if (button == ImGuiMouseButton_Left && grasp_path(draw.scene, draw.state, draw.theme())) return;
  const bool draws = button == ImGuiMouseButton_Right || draw.state.path_tool;
  drag.kind = draws ? PlotDrag::Kind::path : PlotDrag::Kind::pan;
  if (draws) drag.from = end_at(draw, drag.pressed_at);
}

void click(const Draw& draw, int button) {
  LatentPanelState& state = draw.state;
  const Vec2 place = state.drag.pressed_at;
  const bool pins = draw.shows(Layer::pins), paths = draw.shows(Layer::paths);
  const int pin = pins ? pin_at(draw.scene, state.view, place, draw.px(kPinReach)) : 0;
  if (button == ImGuiMouseButton_Right) {
    state.menu_pin = pin;
    const PathGrip grip =
        paths ? grip_at(draw.scene, state.view, place, draw.theme()) : PathGrip{};
    state.menu_path = pin != 0 ? 0 : grip.path;
    state.menu_point = grip.point;
    state.menu_position = grip.position;
    ImGui::OpenPopup("plot_menu");
    return;
  }
  if (pin != 0) {
    draw.scene.select_pin(pin);
    return;
  }
  if (const PathGrip grip = grip_at(draw.scene, state.view, place, draw.theme());
      paths && grip.path != 0) {
    draw.scene.select_path(grip.path, grip.point);
    return;
  }
  ControlPoint end = end_at(draw, place);
  const int label = label_at(draw, end.source);
  draw.scene.add_pin(std::move(end.z), end.source, label);
  state.layers.show(Layer::pins);  // what was just marked is to be seen
}

void continue_drag(const Draw& draw) {
  LatentPanelState& state = draw.state;
  PlotDrag& drag = state.drag;
  const Vec2 now = pointer();
  const Vec2 moved{now.x - drag.pressed_at.x, now.y - drag.pressed_at.y};
  if (std::hypot(moved.x, moved.y) >= draw.px(kClickTravel)) drag.travelled = true;
  if (drag.travelled && drag.kind == PlotDrag::Kind::pan) {
    state.auto_fit = false;
    state.view.center = {drag.center_then.x - moved.x / state.view.pixels_per_unit,
                         drag.center_then.y + moved.y / state.view.pixels_per_unit};
  }
  if (drag.travelled && drag.kind == PlotDrag::Kind::control_point) {
    const Vec2 to{now.x + drag.grasped.x, now.y + drag.grasped.y};
    drag_point(draw.scene, state, end_at(draw, to), to);
  }
  if (ImGui::IsMouseDown(drag.button)) return;
  if (drag.kind == PlotDrag::Kind::control_point && (drag.travelled || drag.inserted)) {
    draw.scene.edit([](MarkBook& marks) { marks.finish(); });
  } else if (!drag.travelled) {
    click(draw, drag.button);
  } else if (drag.kind == PlotDrag::Kind::path) {
    const int label = label_at(draw, drag.from->source);
    draw.scene.add_path(std::move(*drag.from), end_at(draw, now), label);
    state.layers.show(Layer::paths);
  }
  drag = {};
}

void handle_pointer(const Draw& draw) {
  LatentPanelState& state = draw.state;
  const bool hovered = ImGui::IsItemHovered();
  if (state.drag.kind == PlotDrag::Kind::none) {
    for (const int button : {ImGuiMouseButton_Left, ImGuiMouseButton_Right}) {
      if (hovered && ImGui::IsMouseClicked(button)) begin_drag(draw, button);
    }
  } else {
    continue_drag(draw);
  }
  const float wheel = ImGui::GetIO().MouseWheel;
  if (hovered && wheel != 0) {
    zoom_at(state.view, pointer(), std::pow(kZoomStep, wheel));
    state.auto_fit = false;
    if (state.drag.kind == PlotDrag::Kind::pan) {  // goes on from here
      state.drag.pressed_at = pointer();
      state.drag.center_then = state.view.center;
    }
  }
  state.pointer_inside = hovered && draw.state.view.contains(pointer());
}

void handle_keys(const Draw& draw) {
  LatentPanelState& state = draw.state;
  const LatentKeys& keys = draw.input.keys;
  if (keys.undo || keys.redo) {
    if (give_up_point(draw.scene, state)) return;
    if (keys.undo) draw.scene.undo();
    if (keys.redo) draw.scene.redo();
  }
  if (keys.toggle_path_tool) state.path_tool = !state.path_tool;
  if (keys.fit) state.auto_fit = true;
  if (keys.remove && state.drag.kind == PlotDrag::Kind::none) draw.scene.remove_selected();
  for (int i = 0; i < kLayerCount; ++i) {
    const auto layer = static_cast<Layer>(i);
    const bool can = why_not(layer, draw.model.spec, draw.has_labels()).empty();
    if (keys.flip[static_cast<std::size_t>(i)] && can) state.layers.flip(layer);
  }
  if (!keys.escape || state.layers_open || give_up_point(draw.scene, state)) return;
  if (state.drag.kind != PlotDrag::Kind::none) {
    state.drag = {};
  } else if (state.path_tool) {
    state.path_tool = false;
  } else {
    draw.scene.select_nothing();
  }
}

void update_hover(const Draw& draw) {
  LatentPanelState& state = draw.state;
  Vec2 place = pointer();
  if (state.pointer_inside) {
    draw.scene.point_at(state.view.to_latent(place));
  } else {
    draw.scene.leave();
    place = state.view.to_screen(draw.scene.plane_of(draw.scene.shown_z()));
  }
  state.nearest = nearest_point(draw.input.points, state.view, place, state.hidden);
  draw.scene.show_input(state.nearest ? std::optional(draw.input.points.ref(state.nearest->point))
                                      : std::nullopt);
}

void draw_menu(const Draw& draw) {
  if (!ImGui::BeginPopup("plot_menu")) return;
  LatentPanelState& state = draw.state;
  Scene& scene = draw.scene;
  draw_mark_menu(scene, state, draw.frame);
  if (ImGui::MenuItem("Fit to the codes", "Home")) state.auto_fit = true;
  const bool marked = !scene.pins().empty() || !scene.paths().empty();
  if (ImGui::MenuItem("Delete all pins and paths", nullptr, false, marked)) {
    scene.edit([](MarkBook& marks) { marks.remove_all(); });
  }
  if (ImGui::MenuItem("Undo", "Ctrl-Z", false, scene.marks().can_undo())) scene.undo();
  if (ImGui::MenuItem("Redo", "Ctrl-Shift-Z", false, scene.marks().can_redo())) scene.redo();
  ImGui::EndPopup();
}

// What is under the pointer: its place and the nearest point.
void draw_hover(const Draw& draw, ImDrawList& list) {
  const LatentPanelState& state = draw.state;
  const Points& points = draw.input.points;
  const Theme& theme = draw.theme();
  const bool drawing = state.drag.kind == PlotDrag::Kind::path && state.drag.travelled;
  Vec2 tip = pointer();
  if (state.nearest && state.nearest->point < points.count()) {
    const std::size_t point = state.nearest->point;
    const Vec2 place = state.view.to_screen(points.position(point));
    const bool seen = draw.shows(Layer::points);
    const bool snaps =
        seen && state.pointer_inside && state.nearest->distance <= draw.px(kSnapPixels);
    if (snaps) tip = place;
    // Its ellipses mark a point as well as a ring would, and a ring would look like one of them.
    const bool ellipses = draw.shows(Layer::ellipses) && !state.layers.ellipses_of_all;
    if (seen && !ellipses && (snaps || !drawing)) {
      draw_ring(list, theme, place, color::kText, snaps);
    }
    const int label = points.label(point);
    if (snaps && draw.snapshot.data) {
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
    const Vec2 from = state.view.to_screen(draw.scene.plane_of(state.drag.from->z));
    draw_path_in_hand(list, theme, from, tip);
  }
  if (!state.pointer_inside) {
    const Vec2 shown = state.view.to_screen(draw.scene.plane_of(draw.scene.shown_z()));
    if (!draw.scene.selected_pin() && !points.empty()) {
      list.AddLine({shown.x - draw.px(6), shown.y}, {shown.x + draw.px(6), shown.y}, color::kAccent,
                   draw.px(1.5f));
      list.AddLine({shown.x, shown.y - draw.px(6)}, {shown.x, shown.y + draw.px(6)}, color::kAccent,
                   draw.px(1.5f));
    }
    return;
  }
  if (draw.scene.latent() == 0) return;  // nothing is loaded
  const Vec2 z = state.view.to_latent(pointer());
  const Axes axes = draw.scene.axes();
  const std::string text = draw.scene.latent() > 1 ? fmt::format("z{} {:+.3f}   z{} {:+.3f}",
                                                                 axes[0] + 1, z.x, axes[1] + 1, z.y)
                                                   : fmt::format("z1 {:+.3f}", z.x);
  draw_label(list, state.view, theme,
             {state.view.origin.x + state.view.size.x, state.view.origin.y + draw.px(6)}, text,
             color::kText);
}

void draw_hint(const Draw& draw, ImDrawList& list) {
  const LatentView& view = draw.state.view;
  if (draw.state.path_tool) {
    const std::string text = "Drag from one point to another. P or Esc leaves the path tool.";
    draw_label(list, view, draw.theme(),
               {view.origin.x + draw.px(44), view.origin.y + view.size.y - draw.px(42)}, text,
               color::kAccent);
  }
  if (!draw.input.points.empty()) return;
  const char* text = draw.snapshot.data
                         ? "The codes of the data appear here as soon as the model runs"
                     : draw.snapshot.activity ? "Loading …"
                                              : "Load data to see its codes here";
  const ImVec2 size = ImGui::CalcTextSize(text);
  list.AddText({std::round(view.origin.x + (view.size.x - size.x) / 2),
                std::round(view.origin.y + (view.size.y - size.y) / 2)},
               color::kMuted, text);
}

// The layers over the points that come from the codes.
void draw_layers(const Draw& draw, ImDrawList& list) {
  const LatentPanelState& state = draw.state;
  const Points& points = draw.input.points;
  if (draw.shows(Layer::ellipses) && !state.layers.ellipses_of_all) {
    const bool near = state.nearest && state.nearest->point < points.count();
    draw_selected_posteriors(list, state.view, draw.theme(), points, draw.scene,
                             near ? std::optional(state.nearest->point) : std::nullopt);
  }
  if (draw.shows(Layer::centroids)) {
    draw_centroids(list, state.view, draw.theme(), draw.input.contents.means, points.mix(),
                   state.hidden, draw.snapshot.data->class_names);
  }
}

void draw_plot(const Draw& draw) {
  LatentPanelState& state = draw.state;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const ImVec2 room = ImGui::GetContentRegionAvail();
  state.view.origin = {std::floor(corner.x), std::floor(corner.y)};
  state.view.size = {std::floor(std::max(room.x, 16.0f)), std::floor(std::max(room.y, 16.0f))};
  ImGui::InvisibleButton("plot", {state.view.size.x, state.view.size.y},
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight);
  draw.frame.widgets.note("plot");
  keep_view_fitted(draw);
  handle_keys(draw);
  handle_pointer(draw);
  update_hover(draw);
  draw_menu(draw);
  draw_rename(draw.scene, state.rename, draw.frame);

  ImDrawList& list = *ImGui::GetWindowDrawList();
  const LatentView& view = state.view;
  const ImVec2 low{view.origin.x, view.origin.y};
  const ImVec2 high{low.x + view.size.x, low.y + view.size.y};
  list.PushClipRect(low, high, true);
  if (draw.input.canvas.callback != nullptr) {
    list.AddCallback(draw.input.canvas.callback, draw.input.canvas.user);
    list.AddCallback(ImDrawCallback_ResetRenderState, nullptr);
  }
  draw_grid(list, view, draw.theme(), draw.shows(Layer::manifold));
  if (draw.shows(Layer::prior)) draw_prior(list, view, draw.theme(), draw.scene.latent() == 1);
  draw_layers(draw, list);
  if (draw.shows(Layer::paths)) {
    draw_paths(list, view, draw.theme(), draw.scene, draw.input.pictures,
               grip_under(draw.scene, state, draw.theme()), draw.frame.widgets);
  }
  draw_hover(draw, list);
  if (const OwnImage* own = draw.input.own_image) {
    draw_own_image_mark(list, view, draw.theme(), *own, draw.scene);
  }
  if (draw.shows(Layer::pins)) {
    draw_pins(list, view, draw.theme(), draw.scene, draw.input.pictures);
  }
  draw_hint(draw, list);
  list.PopClipRect();
  list.AddRect(low, high, color::kLine);
}

}  // namespace

void draw_latent_panel(const Snapshot& snapshot, ModelId model, const LatentPanelInput& input,
                       Scene& scene, LatentPanelState& state, const PanelFrame& frame) {
  const ModelView* view = snapshot.find(model);
  begin_panel("Latent space", frame,
              ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  if (view != nullptr) {
    const Draw draw{snapshot, *view, input, scene, state, frame};
    draw_toolbar(draw);
    if (snapshot.data) {
      const Coloring& coloring = input.contents.coloring;
      draw_color_choice(view->spec, *snapshot.data, coloring, state.color_by, frame);
      draw_legend(snapshot.data->class_names, input.points.counts(), state.hidden,
                  {.colored = !coloring.continuous(), .continues = true}, frame);
    }
    draw_plot(draw);
  }
  end_panel();
}

}  // namespace zscape
