#include "app/gui/panels/latent/latent_panel.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/frame/pointer.h"
#include "app/gui/panels/inputs/own_image_panel.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/path_overlay.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/comparison.h"
#include "app/gui/view/latent/given_codes.h"
#include "app/gui/view/latent/picking.h"
#include "app/gui/view/latent/view_fit.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kClickTravel = 4;   // pixels; less is a click
constexpr float kZoomStep = 1.15f;  // a notch of the wheel
constexpr float kFlightZoom = 3;    // how much closer than the fitted view a flight ends
constexpr float kPinReach = 8;      // pixels around a pin's centre that mean the pin

// Follows the input, which may move meanwhile. Returns false where no flight is under way.
bool continue_flight(const LatentDraw& draw, double seconds) {
  LatentPanelState& state = draw.state;
  if (!state.flight) return false;
  const Points& points = draw.input.points;
  const auto point = points.find(*state.flight);
  const Vec2 place = point ? points.position(*point) : Vec2{NAN, NAN};
  if (!std::isfinite(place.x) || !std::isfinite(place.y)) {
    state.missed = std::exchange(state.flight, std::nullopt);
    state.marked.reset();
    return false;
  }
  state.auto_fit = false;
  if (state.flight_scale == 0) {
    const Box box = box_to_show(points.extent(), draw.model.spec.has_prior());
    state.flight_scale = std::max(state.view.pixels_per_unit,
                                  kFlightZoom * fit(box, state.view.size).pixels_per_unit);
  }
  const ViewTarget target{place, state.flight_scale};
  const bool jumps = draw.theme().reduced_motion;
  if (jumps) jump(state.view, target);
  if (jumps || !approach(state.view, target, seconds)) state.flight.reset();
  state.view_moving = state.flight.has_value();
  return true;
}

float larger_side(const Box& box) {
  return std::max(box.high.x - box.low.x, box.high.y - box.low.y);
}

// A fitted view keeps codes in its middle that nothing holds there: remembers where they were.
void follow_drift(const LatentDraw& draw) {
  constexpr float kApart = 1.1f;
  Drift& drift = draw.state.drift;
  std::vector<FormerExtent>& extents = drift.extents;
  const ModelView& model = draw.model;
  const Points& points = draw.input.points;
  if (model.past_decoder) return;
  const bool is_free =
      model.settings.kl_weight == 0 && model.kl_schedule.kind == KlSchedule::Kind::constant;
  const bool drifts = !shows_given_codes(model) && !draw.spatial() && !model.spec.is_linear() &&
                      (!model.spec.has_prior() || is_free);
  // Another run may be at any step: an opened model begins without curves.
  const std::size_t measured = model.curves.train.size();
  const bool is_other = drift.serial != model.serial || drift.returns != model.returns ||
                        drift.opens != model.opened.has_value() || measured < drift.measured;
  drift = {std::move(extents), model.serial, model.returns, model.opened.has_value(), measured};
  const bool begins_anew = !extents.empty() && !points.empty() &&
                           (points.codes()->step < extents.back().step ||
                            extents.back().axes != draw.scene.axis_choice());
  if (!drifts || begins_anew || is_other) extents.clear();
  if (!drifts || points.empty()) return;
  const Box box = points.extent();
  if (!extents.empty() && larger_side(box) < kApart * larger_side(extents.back().box)) return;
  extents.push_back({box, points.codes()->step, draw.scene.axis_choice()});
}

void keep_view_fitted(const LatentDraw& draw) {
  LatentPanelState& state = draw.state;
  state.view_moving = false;
  // A fitted view moves with its points, in frames that draw them anyway.
  const Points& points = draw.input.points;
  const double now_s = state.flight ? draw.frame.time_s : points.time_s();
  const double seconds = std::clamp(now_s - state.last_time_s, 0.0, 0.25);
  state.last_time_s = now_s;
  if (draw.spatial()) {
    state.flight.reset();
    keep_space_fitted(draw, seconds);
    return;
  }
  if (state.view.orbit) state.placed = false;
  state.view.orbit.reset();
  if (continue_flight(draw, seconds)) return;
  if (points.empty() || !state.auto_fit) return;
  const bool has_prior = draw.model.spec.has_prior();
  const ViewTarget target =
      state.common_fit.value_or(fit(box_to_show(points.extent(), has_prior), state.view.size));
  if (!state.placed || draw.theme().reduced_motion) {
    jump(state.view, target);
    state.placed = true;
  } else {
    state.view_moving = approach(state.view, target, seconds);
  }
}

// The input within reach of a place on the screen, if any.
std::optional<std::size_t> snapped_point(const LatentDraw& draw, Vec2 screen) {
  if (!draw.shows(Layer::points)) return {};
  const float reach = draw.px(kSnapPixels);
  if (!draw.spatial()) {
    const auto picked = draw.state.picker.nearest(draw.input.points, draw.state.view, screen,
                                                  draw.state.hidden, reach);
    return picked ? std::optional(picked->point) : std::nullopt;
  }
  const auto picked =
      nearest_in_space(draw.input.points, draw.state.view, screen, draw.state.hidden, reach / 2);
  if (!picked || picked->distance > reach) return {};
  return picked->point;
}

ControlPoint end_at(const LatentDraw& draw, Vec2 screen) {
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

// The label that a new mark is decoded with.
int label_at(const LatentDraw& draw, const std::optional<PointRef>& source) {
  if (!source || draw.scene.labels() == 0 || !draw.snapshot.data) return draw.scene.label();
  const int label = draw.snapshot.data->split(source->split).label(source->index);
  return label >= 0 ? label : draw.scene.label();
}

void begin_drag(const LatentDraw& draw, int button) {
  PlotDrag& drag = draw.state.drag;
  drag = {};
  drag.button = button;
  drag.pressed_at = ImGui::GetMousePos();
  drag.center_then = draw.state.view.center;
  drag.last = drag.pressed_at;
  if (button == ImGuiMouseButton_Left && begin_selecting(draw)) return;
  if (draw.spatial()) {
    // One can point at codes only: paths lead from one to another.
    if (draw.state.tool != Tool::path || !snapped_point(draw, drag.pressed_at)) {
      const bool turns = button == ImGuiMouseButton_Left;
      drag.kind = turns ? PlotDrag::Kind::orbit : PlotDrag::Kind::move_space;
      return;
    }
  } else if (button == ImGuiMouseButton_Left) {
    if (begin_path_drag(draw.scene, draw.state, draw.theme())) return;
  }
  const bool draws = button == ImGuiMouseButton_Right || draw.state.tool == Tool::path;
  drag.kind = draws ? PlotDrag::Kind::path : PlotDrag::Kind::pan;
  if (draws) drag.from = end_at(draw, drag.pressed_at);
}

void click(const LatentDraw& draw, int button) {
  LatentPanelState& state = draw.state;
  const Vec2 place = state.drag.pressed_at;
  if (button == ImGuiMouseButton_Left && ImGui::GetIO().KeyShift &&
      click_follows(draw, place, snapped_point(draw, place))) {
    return;
  }
  if (selects(state.drag)) {
    click_selects(draw, snapped_point(draw, place));
    return;
  }
  const bool pins = draw.shows(Layer::pins), paths = draw.shows(Layer::paths);
  const int pin = pins ? pin_at(draw.scene, state.view, place, draw.px(kPinReach)) : 0;
  if (button == ImGuiMouseButton_Right) {
    state.menu_pin = pin;
    const PathHit hit =
        paths ? path_hit_at(draw.scene, state.view, place, draw.theme()) : PathHit{};
    state.menu_path = pin != 0 ? 0 : hit.path;
    state.menu_point = hit.point;
    state.menu_position = hit.position;
    ImGui::OpenPopup("plot_menu");
    return;
  }
  if (pin != 0) {
    draw.scene.select_pin(pin);
    return;
  }
  if (const PathHit hit = path_hit_at(draw.scene, state.view, place, draw.theme());
      paths && hit.path != 0) {
    draw.scene.select_path(hit.path, hit.point);
    return;
  }
  const auto point = snapped_point(draw, place);
  if (!ImGui::GetIO().KeyCtrl && click_follows(draw, place, point)) return;
  if (draw.spatial() && !point) return;
  ControlPoint end = end_at(draw, place);
  const int label = label_at(draw, end.source);
  draw.scene.add_pin(std::move(end.z), end.source, label);
  state.layers.show(Layer::pins);  // so that the new pin is visible
}

void continue_drag(const LatentDraw& draw) {
  LatentPanelState& state = draw.state;
  PlotDrag& drag = state.drag;
  const Vec2 now = drag_pointer();
  const Vec2 moved = now - drag.pressed_at;
  if (std::hypot(moved.x, moved.y) >= draw.px(kClickTravel)) drag.travelled = true;
  if (drag.travelled && drag.kind == PlotDrag::Kind::pan) {
    state.auto_fit = false;
    state.flight.reset();
    const float scale = state.view.pixels_per_unit;
    jump(state.view,
         {{drag.center_then.x - moved.x / scale, drag.center_then.y + moved.y / scale}, scale});
  }
  if (drag.travelled &&
      (drag.kind == PlotDrag::Kind::orbit || drag.kind == PlotDrag::Kind::move_space)) {
    drag_space(draw, now);
  }
  if (drag.travelled && drag.kind == PlotDrag::Kind::control_point) {
    const Vec2 to = now + drag.pointer_offset;
    drag_point(draw.scene, state, end_at(draw, to), to);
  }
  if (selects(drag)) continue_selecting(draw);
  if (ImGui::IsMouseDown(drag.button)) return;
  if (drag.kind == PlotDrag::Kind::control_point && (drag.travelled || drag.inserted)) {
    draw.scene.edit([](MarkHistory& marks) { marks.finish(); });
  } else if (!drag.travelled) {
    click(draw, drag.button);
  } else if (selects(drag)) {
    finish_selecting(draw);
  } else if (drag.kind == PlotDrag::Kind::path && (!draw.spatial() || snapped_point(draw, now))) {
    const int label = label_at(draw, drag.from->source);
    draw.scene.add_path(std::move(*drag.from), end_at(draw, now), label);
    state.layers.show(Layer::paths);
  }
  drag = {};
}

void handle_pointer(const LatentDraw& draw) {
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
    const float factor = std::pow(kZoomStep, wheel);
    if (draw.spatial()) {
      zoom_space(draw, ImGui::GetMousePos(), factor);
    } else {
      zoom_at(state.view, ImGui::GetMousePos(), factor);
      state.auto_fit = false;
      state.flight.reset();
    }
    if (state.drag.kind == PlotDrag::Kind::pan) {  // the drag continues from here
      state.drag.pressed_at = ImGui::GetMousePos();
      state.drag.center_then = state.view.center;
    }
  }
  state.pointer_inside = hovered && draw.state.view.contains(ImGui::GetMousePos());
}

void handle_keys(const LatentDraw& draw) {
  LatentPanelState& state = draw.state;
  const LatentKeys& keys = draw.input.keys;
  if (keys.undo || keys.redo) {
    if (cancel_point_drag(draw.scene, state)) return;
    if (keys.undo) draw.scene.undo();
    if (keys.redo) draw.scene.redo();
  }
  handle_tool_keys(draw);
  if (keys.fit) fit_to_codes(state);
  if (keys.remove && state.drag.kind == PlotDrag::Kind::none) draw.scene.remove_selected();
  for (const Layer layer : kLayers) {
    const bool flips = keys.flip[static_cast<std::size_t>(layer)];
    if (flips && draw.why_not_show(layer).empty()) state.layers.flip(layer);
  }
  if (!keys.escape || state.layers_open || cancel_point_drag(draw.scene, state)) return;
  if (state.drag.kind != PlotDrag::Kind::none) {
    state.drag = {};
  } else if (!leave_tool(draw)) {
    draw.scene.select_nothing();
  }
}

void update_hover(const LatentDraw& draw) {
  if (draw.spatial()) {
    hover_space(draw);
    return;
  }
  if (show_sequence_step(draw)) return;
  LatentPanelState& state = draw.state;
  Vec2 place = ImGui::GetMousePos();
  const CursorLink* link = draw.input.link;
  if (state.pointer_inside) {
    draw.scene.point_at(state.view.to_latent(place));
  } else {
    draw.scene.leave();
    if (link != nullptr) draw.scene.point_at(link->z, link->label);
    place = draw.scene.screen_of(state.view, draw.scene.shown_z());
  }
  state.nearest = state.picker.nearest(draw.input.points, state.view, place, state.hidden);
  if (state.nearest && !all_have(draw.input.linked, draw.input.points.ref(state.nearest->point))) {
    const Vec2 at = state.view.to_latent(place);
    const auto point = nearest_of_all(draw.input.points, draw.input.linked, at, state.hidden);
    if (point) {
      const Vec2 found = state.view.to_screen(draw.input.points.position(*point));
      state.nearest = {*point, std::hypot(found.x - place.x, found.y - place.y)};
    }
  }
  const bool linked = link != nullptr && link->input;
  if (linked) {
    if (const auto point = draw.input.points.find(*link->input)) state.nearest = {*point, 0};
  }
  const bool on_point = state.pointer_inside && state.nearest &&
                        state.nearest->distance <= draw.px(kSnapPixels) &&
                        draw.shows(Layer::points);
  // With unseen coordinates the place in the plane is not the input's code.
  if (on_point && draw.scene.latent() > 2) point_at_code(draw, state.nearest->point);
  show_nearest_input(draw, place, on_point || linked);
}

void draw_menu(const LatentDraw& draw) {
  if (!ImGui::BeginPopup("plot_menu")) return;
  LatentPanelState& state = draw.state;
  Scene& scene = draw.scene;
  draw_mark_menu(scene, state, draw.frame);
  if (menu_entry(tr("Fit to the codes"), tr("Home"))) fit_to_codes(state);
  const bool marked = !scene.pins().empty() || !scene.paths().empty();
  if (menu_entry(tr("Delete all pins and paths"), nullptr, marked)) {
    scene.edit([](MarkHistory& marks) { marks.remove_all(); });
  }
  if (menu_entry(tr("Undo"), tr("Ctrl-Z"), scene.marks().can_undo())) scene.undo();
  if (menu_entry(tr("Redo"), tr("Ctrl-Shift-Z"), scene.marks().can_redo())) {
    scene.redo();
  }
  ImGui::EndPopup();
}

// The layers over the points that show codes.
void draw_layers(const LatentDraw& draw, ImDrawList& list, PlacedLabels& labels) {
  const LatentPanelState& state = draw.state;
  const Points& points = draw.input.points;
  if (draw.shows(Layer::ellipses) && !state.layers.ellipses_of_all) {
    const bool near = state.nearest && state.nearest->point < points.count();
    draw_selected_posteriors(list, state.view, draw.theme(), points, draw.scene,
                             near ? std::optional(state.nearest->point) : std::nullopt);
  }
  if (draw.shows(Layer::centroids)) {
    draw_centroids(list, state.view, draw.theme(), labels, draw.input.contents.means, draw.scene,
                   points.mix(), state.hidden, draw.snapshot.data->class_names);
  }
}

// The newest of the drift's extents that is well inside the present one, else the first; null:
// none, or the codes still fill it.
const FormerExtent* drifted_from(const LatentDraw& draw) {
  constexpr float kInside = 0.6f, kSame = 1.1f;
  const std::vector<FormerExtent>& extents = draw.state.drift.extents;
  if (!draw.state.auto_fit || draw.model.past_decoder || draw.input.points.empty()) return nullptr;
  if (extents.empty()) return nullptr;
  const Box now = draw.input.points.extent();
  const FormerExtent* from = &extents.front();
  for (const FormerExtent& extent : extents) {
    if (larger_side(extent.box) <= kInside * larger_side(now)) from = &extent;
  }
  const Vec2 before = from->box.high - from->box.low, is = now.high - now.low;
  const auto differs = [](float a, float b) { return a > kSame * b || b > kSame * a; };
  return differs(before.x, is.x) || differs(before.y, is.y) ? from : nullptr;
}

// Where the codes were before they drifted on, once they fill another part of the plane. A line at
// the top of the plot says of which step.
void draw_former_extent(const LatentDraw& draw, ImDrawList& list) {
  const FormerExtent* former = drifted_from(draw);
  if (former == nullptr) return;
  const Vec2 a = draw.state.view.to_screen(former->box.low);
  const Vec2 b = draw.state.view.to_screen(former->box.high);
  const Rect outline{{std::round(a.x), std::round(b.y)},
                     {std::round(b.x - a.x), std::round(a.y - b.y)}};
  list.AddRect(outline.origin, outline.high(), with_alpha(color::kMuted, 0.7f), draw.px(3), 0,
               draw.px(1));
  draw.frame.widgets.note("former_extent", outline);
}

// A line in the middle of the plot's upper edge, which nothing else covers.
struct TopLine {
  const char* widget;
  std::string text;
  ImU32 rgba = 0;
  Rect place;
};

// Of which step and of how many inputs the points are, where status and legend say otherwise; and
// of which step the outline is.
std::vector<TopLine> top_lines_of(const LatentDraw& draw) {
  const LatentView& view = draw.state.view;
  const Points& points = draw.input.points;
  ImFont* font = draw.theme().small;
  const auto fits = [&](const std::string& text) {
    return text_size(font, text).x <= view.size.x - draw.px(12);
  };
  std::vector<TopLine> lines;
  if (std::string text = moment_text(draw.snapshot, draw.model, points); !text.empty()) {
    if (!fits(text)) {  // of three panes
      text = tr("step {}",
                format_count(points.empty() ? draw.model.position.step : points.codes()->step));
    }
    lines.push_back(
        {"moment", std::move(text), draw.model.past_decoder ? color::kSecond : color::kMuted, {}});
  }
  if (const FormerExtent* former = drifted_from(draw)) {
    const std::string step = format_count(former->step);
    std::string text = tr("outline: codes at step {}", step);
    lines.push_back(
        {"former_step", fits(text) ? std::move(text) : tr("outline: {}", step), color::kMuted, {}});
  }
  float y = view.origin.y + draw.px(6);
  for (TopLine& line : lines) {
    const Vec2 size = text_size(font, line.text);
    // In a narrow pane the place under the pointer stands beside it in the first line.
    const bool narrow = size.x + draw.px(2 * 110) > view.size.x;
    if (narrow) y = std::max(y, view.origin.y + draw.px(24));
    line.place = {{view.origin.x + (view.size.x - size.x) / 2, y}, size};
    y += size.y + draw.px(4);
  }
  return lines;
}

void draw_top_lines(const LatentDraw& draw, std::span<const TopLine> lines, ImDrawList& list) {
  for (const TopLine& line : lines) {
    draw_label(list, draw.state.view, draw.theme(), line.place.origin, line.text, line.rgba);
    draw.frame.widgets.note(line.widget, line.place);
  }
}

}  // namespace

std::string moment_text(const Snapshot& snapshot, const ModelView& model, const Points& points) {
  if (model.past_decoder) return tr("step {}, past", step_text(model));
  if (points.empty() || !snapshot.data) return {};
  const Codes& codes = *points.codes();
  const std::string step = format_count(codes.step);
  const std::int64_t all = snapshot.data->split(codes.split).count;
  const bool lags = codes.step < model.position.step;
  if (codes.count() >= all) return lags ? tr("points of step {}", step) : std::string();
  const std::string shown = format_count(codes.count()), of = format_count(all);
  return lags ? tr("{} of {} inputs, step {}", shown, of, step) : tr("{} of {} inputs", shown, of);
}

void draw_latent_plot(const LatentDraw& draw) {
  LatentPanelState& state = draw.state;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImVec2 room = ImGui::GetContentRegionAvail();
  state.room = room.x;
  const float sliders = coordinate_sliders_width(draw);
  if (sliders > 0) room.x -= sliders + draw.px(10);
  state.view.origin = {std::floor(corner.x), std::floor(corner.y)};
  state.view.size = {std::floor(std::max(room.x, 16.0f)), std::floor(std::max(room.y, 16.0f))};
  ImGui::InvisibleButton("plot", state.view.size,
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonRight);
  draw.frame.widgets.note("plot");
  follow_drift(draw);
  keep_view_fitted(draw);
  state.picker.follow(draw.input.points);
  handle_keys(draw);
  handle_pointer(draw);
  update_hover(draw);
  draw_menu(draw);
  draw_rename(draw.scene, state.rename, draw.frame);

  ImDrawList& list = *ImGui::GetWindowDrawList();
  const LatentView& view = state.view;
  const ImVec2 low = view.origin;
  const ImVec2 high = low + view.size;
  list.PushClipRect(low, high, true);
  if (draw.input.canvas.callback != nullptr) {
    list.AddCallback(draw.input.canvas.callback, draw.input.canvas.user);
    list.AddCallback(ImDrawCallback_ResetRenderState, nullptr);
  }
  PlacedLabels labels(list, view, draw.theme());
  const std::vector<TopLine> top_lines = top_lines_of(draw);
  for (const TopLine& line : top_lines) {
    labels.reserve(label_room(view, draw.theme(), line.place.origin, line.text));
  }
  state.top_lines = top_lines.empty() ? 0 : top_lines.back().place.high().y + draw.px(4) - low.y;
  if (draw.spatial()) {
    draw_space_axes(draw, list, labels);
  } else {
    draw_grid(list, view, draw.theme(), draw.shows(Layer::manifold), draw.scene.latent() == 1);
  }
  draw_axis_names(draw, list);
  if (draw.shows(Layer::prior)) {
    if (draw.spatial()) {
      draw_space_prior(draw, list, labels);
    } else {
      draw_prior(list, view, draw.theme(), labels, draw.scene.latent() == 1);
    }
  }
  draw_former_extent(draw, list);
  draw_why(draw, list);
  draw_code_line(draw, list);
  draw_layers(draw, list, labels);
  draw_evidence(draw, list);
  draw_sequences(draw, list);
  draw_plotted_samples(draw, list);
  if (draw.shows(Layer::paths)) {
    draw_paths(list, view, draw.theme(), draw.scene, draw.input.pictures,
               path_hit_under_pointer(draw.scene, state, draw.theme()), draw.frame.widgets);
  }
  draw_latent_hover(draw, list);
  // The past has no encoder: its codes and one by the present weights do not belong together.
  const OwnImage* own = draw.input.own_image;
  if (own != nullptr && !draw.model.past_decoder) {
    draw_own_image_mark(list, view, draw.theme(), *own, draw.scene);
  }
  if (draw.shows(Layer::pins)) {
    draw_pins(list, view, draw.theme(), draw.scene, draw.input.pictures);
  }
  draw_selecting(draw, list);
  if (draw.model.past_decoder) list.AddRect(low, high, color::kSecond, 0, 0, draw.px(4));
  draw_latent_hint(draw, list);
  draw_input_card(draw, list);
  draw_why_cards(draw, list);
  draw_evidence_card(draw, list);
  draw_cursor_picture(draw, list);
  draw_top_lines(draw, top_lines, list);
  list.PopClipRect();
  list.AddRect(low, high, color::kLine);
  if (sliders <= 0) return;
  ImGui::SetCursorScreenPos({high.x + draw.px(10), low.y});
  draw_coordinate_sliders(draw, {sliders, view.size.y});
}

void draw_latent_top(const LatentDraw& draw) {
  draw_latent_toolbar(draw);
  if (!draw.snapshot.data) return;
  draw_color_choice(draw);
  const float row_end = ImGui::GetCursorScreenPos().y - ImGui::GetStyle().ItemSpacing.y;
  draw_legend(draw);
  // A row of the legend is less high than a button of the toolbar that stands beside it.
  const ImVec2 below = ImGui::GetCursorScreenPos();
  const float least = row_end + draw.px(4);
  if (below.y < least) ImGui::SetCursorScreenPos({below.x, least});
  draw_metadata_row(draw);
  draw_sequence_bar(draw);
}

void fit_to_codes(LatentPanelState& state) {
  state.auto_fit = true;
  state.placed = false;  // at once: it may be far away
  state.flight.reset();
  if (state.view.orbit) state.view.orbit->reset();
}

void fly_to(LatentPanelState& state, PointRef input) {
  state.split = input.split;
  state.flight = state.marked = input;
  state.flight_scale = 0;
}

void draw_latent_panel(const Snapshot& snapshot, ModelId model, const LatentPanelInput& input,
                       Scene& scene, LatentPanelState& state, const PanelFrame& frame) {
  const ModelView* view = snapshot.find(model);
  begin_panel(tr("Latent space"), frame, kNoScroll);
  if (view != nullptr) {
    const LatentDraw draw{{frame}, snapshot, *view, input, scene, state};
    draw_latent_top(draw);
    draw_latent_plot(draw);
  }
  ImGui::End();
}

}  // namespace zscape
