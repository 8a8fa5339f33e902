#include "app/gui/panels/preview/preview_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/inputs/vector_plot.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/frame/pane_colors.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

struct Draw : PanelDraw {
  const Snapshot& snapshot;
  const ModelView& model;
  const Pictures& pictures;
  Scene& scene;
  PreviewPanelState& state;
};

// Whether the input on show is a step of a sequence, and z its code.
bool shows_step(const Draw& draw) {
  return draw.scene.shown_input() && draw.scene.points_at_input() && draw.snapshot.data &&
         draw.snapshot.data->steps > 0;
}

std::string shown_name(const Draw& draw) {
  if (draw.state.hovered) return draw.state.hovered->name;
  if (shows_step(draw)) return row_name(draw.snapshot, *draw.scene.shown_input());
  if (draw.scene.pointing()) return cursor_name(draw.scene);
  const Path* path = draw.scene.selected_path();
  if (path && draw.scene.playback().engaged()) {
    return tr("{} at {:.2f}", path->name, draw.scene.playback().position());
  }
  if (draw.scene.through_by_hand()) return tr("sliders");
  const Pin* pin = draw.scene.selected_pin();
  return pin ? pin->name : tr("origin");
}

}  // namespace

// The plane's other coordinates are the same everywhere but on codes.
std::string cursor_name(const Scene& scene) {
  if (scene.latent() <= 2) return tr("cursor");
  if (scene.points_at_input()) return tr("μ of this input");
  if (scene.plane().spatial()) return tr("cursor");
  if (scene.through_by_hand()) return tr("cursor, the rest as set by sliders");
  const Pin* pin = scene.selected_pin();
  return pin ? tr("cursor, the rest as in {}", pin->name) : tr("cursor, the rest 0");
}

namespace {

// The next item begins at the common left edge of all values.
void value_name(const Draw& draw, const char* name) {
  small_text(draw.theme(), name);
  ImGui::SameLine(draw.px(14 + 62));
}

// A column of pictures that are compared: a line of text, and a picture in its middle below.
struct Column {
  ImVec2 text;
  Rect picture;

  Column(const ImageShape& shape, ImVec2 corner, float width, const Theme& theme) {
    const float line = height_of(theme.small) + theme.px(5);
    const ImVec2 size = picture_size(shape, width, width);
    text = {std::floor(corner.x + (width - size.x) / 2), corner.y};
    picture = {{text.x, std::floor(corner.y + line)}, size};
  }
  Rect whole() const { return {text, {picture.size.x, picture.high().y - text.y}}; }
};

void draw_framed(ImDrawList& list, const Pictures& pictures, PictureSlot slot, const Rect& place,
                 ImU32 frame) {
  draw_picture(list, pictures, slot, place.origin, place.high());
  list.AddRect(place.origin - Vec2{1, 1}, place.high() + Vec2{1, 1}, frame);
}

void draw_one(const PreviewPicture& one, ImVec2 corner, float width, const PanelFrame& frame) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Styled styled(frame.theme.small);
  const Column column(one.pictures->shape(), corner, width, frame.theme);
  const ImU32 tint = pane_color(one.model);
  list.PushClipRect(column.text, {column.text.x + width, column.picture.origin.y}, true);
  list.AddText(column.text, tint, one.name.c_str());
  list.PopClipRect();
  draw_framed(list, *one.pictures, one.slot, column.picture, one.active ? tint : color::kLine);
  frame.widgets.note(prefix_of_pane(one.pane) + "preview_picture", column.picture);
}

constexpr const char* kDifferenceHelp =
    tr("{}: where the first picture is brighter it has the first model's colour, where the second "
       "is, the second's; the brighter, the larger the difference. The mean squared error is of "
       "the values as they are shown, in [0, 1].");

void draw_difference(const PreviewDifference& one, std::size_t which, ImVec2 corner, float width,
                     const PanelFrame& frame) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Styled styled(frame.theme.small);
  const Column column(one.pictures->shape(), corner, width, frame.theme);
  const bool fits = one.brief.empty() || ImGui::CalcTextSize(one.text.c_str()).x <= width;
  const std::string text = beginning_that_fits(fits ? one.text : one.brief, width);
  list.AddText(column.text, color::kMuted, text.c_str());
  draw_framed(list, *one.pictures, one.slot, column.picture, color::kLine);
  const ImVec2 after = ImGui::GetCursorScreenPos();
  ImGui::SetCursorScreenPos(column.text);
  ImGui::Dummy(column.whole().size);
  frame.widgets.note(fmt::format("difference_{}", which), column.picture);
  tooltip(frame.theme, one.slot == kNoPicture
                           ? one.text.c_str()
                           : fmt::format(fmt::runtime(kDifferenceHelp), one.name).c_str());
  ImGui::SetCursorScreenPos(after);
}

// The pictures of several models at the cursor side by side, each below its model's name, with
// their differences between them, and how the models are linked.
void draw_side_by_side(const PreviewPanelState& state, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const float room = ImGui::GetContentRegionAvail().x, gap = theme.px(10);
  const auto count = static_cast<float>(state.models.size() + state.differences.size());
  // In a low window the pictures leave room for the marks below.
  const float width = std::floor(std::min((room - gap * (count - 1)) / count,
                                          std::max(frame.rect.size.y * 0.42f, theme.px(40))));
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  float height = 0;
  for (std::size_t which = 0; which < state.models.size(); ++which) {
    const PreviewPicture& one = state.models[which];
    const std::size_t place = state.differences.empty() ? which : 2 * which;
    const auto at = [&](std::size_t column) {
      return ImVec2{corner.x + static_cast<float>(column) * (width + gap), corner.y};
    };
    draw_one(one, at(place), width, frame);
    if (which < state.differences.size()) {
      draw_difference(state.differences[which], which, at(place + 1), width, frame);
    }
    height = std::max(height, picture_size(one.pictures->shape(), width, width).y);
  }
  ImGui::Dummy({room, height + height_of(theme.small) + theme.px(7)});
  if (state.link.empty()) return;
  small_text(theme, state.link.c_str());
  frame.widgets.note("link_text");
}

// What is decoded at the cursor, over the input that lies nearest.
void draw_large_vector(const Draw& draw) {
  const float room = ImGui::GetContentRegionAvail().x;
  const Rect place{ImGui::GetCursorScreenPos(),
                   {room, std::min(0.7f * room, draw.frame.rect.size.y * 0.42f)}};
  ImGui::Dummy(place.size);
  draw.frame.widgets.note("preview_picture", place);
  const bool at_input = draw.scene.points_at_input();
  const std::array<VectorSeries, 2> series{
      VectorSeries{draw.scene.shown_input() ? draw.scene.input_picture() : kNoPicture, input_tint(),
                   shows_step(draw) ? tr("input of this step")
                   : at_input       ? tr("input under the cursor")
                                    : tr("nearest input")},
      VectorSeries{
          draw.scene.cursor_picture(), output_tint(),
          shows_inputs_for_places(draw.model) ? tr("input with the nearest code") : tr("decoded")}};
  const VectorValues values = draw.snapshot.data ? values_of(*draw.snapshot.data) : VectorValues();
  const Rect inside = draw_vector_plot(*ImGui::GetWindowDrawList(), draw.pictures, series, place,
                                       values, draw.theme());
  show_value_under_pointer(draw.frame, draw.pictures, series, inside, values);
}

void draw_large_picture(const Draw& draw) {
  ImGui::SameLine();
  ImGui::AlignTextToFramePadding();
  const auto active = std::ranges::find_if(
      draw.state.models, [](const PreviewPicture& picture) { return picture.active; });
  // With several models, the rows below are about the active one.
  std::string name = shown_name(draw);
  if (shows_inputs_for_places(draw.model)) name = tr("input nearest to: {}", name);
  small_text(
      draw.theme(),
      (active == draw.state.models.end() ? name : tr("{}, in {}", name, active->name)).c_str());
  if (!draw.state.models.empty()) {
    draw_side_by_side(draw.state, draw.frame);
    return;
  }
  const float room = ImGui::GetContentRegionAvail().x;
  if (is_vector(draw.pictures.shape())) {
    draw_large_vector(draw);
    return;
  }
  // In a low window a selected path needs the room.
  const bool is_low = draw.frame.rect.size.y < draw.px(620);
  const float share = is_low && draw.scene.selected_path() ? 0.26f : 0.42f;
  const ImVec2 size =
      picture_size(draw.pictures.shape(), room, std::min(room, draw.frame.rect.size.y * share));
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const ImVec2 low{std::floor(corner.x + (room - size.x) / 2), std::floor(corner.y)};
  const ImVec2 high = low + size;
  ImGui::Dummy({room, size.y});
  draw.frame.widgets.note("preview_picture", {low, size});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_picture(list, draw.pictures, draw.scene.cursor_picture(), low, high);
  list.AddRect({low.x - 1, low.y - 1}, {high.x + 1, high.y + 1}, color::kLine);
}

void draw_nearest(const Draw& draw) {
  const std::optional<PointRef>& input = draw.scene.shown_input();
  if (!input) return;
  const ImVec2 size = picture_size(draw.pictures.shape(), draw.px(56), draw.px(56));
  picture_item(draw.frame, draw.pictures, "nearest_picture", draw.scene.input_picture(), size);
  ImGui::SameLine(0, draw.px(10));
  ImGui::BeginGroup();
  ImGui::PushTextWrapPos(0);
  small_text(draw.theme(), shows_step(draw)               ? tr("Input of this step")
                           : draw.scene.points_at_input() ? tr("Input under the cursor")
                                                          : tr("Nearest input on show"));
  small_text(draw.theme(), input_name(draw.snapshot, *input).c_str(), color::kText);
  ImGui::PopTextWrapPos();
  ImGui::EndGroup();
}

void draw_facts(const Draw& draw) {
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(draw.px(8), draw.px(3)));
  value_name(draw, "z");
  draw_z_field(draw.scene, draw.state.z_field, draw.frame);
  if (draw.model.spec.has_prior()) {
    value_name(draw, "log p(z)");
    small_text(draw.theme(), tr("{:.3f} nats", log_prior(draw.scene.shown_z())).c_str(),
               color::kText);
  }
  ImGui::PopStyleVar();
  ImGui::Spacing();
  draw_nearest(draw);
}

// The z of a digit says nothing of its label: the strip then shows the digit's style.
std::string strip_heading(const Draw& draw) {
  const Pin* pin = draw.scene.selected_pin();
  if (pin && pin->source && draw.scene.shown_z() == pin->z) {
    return tr("The style of {} with every label", input_name(draw.snapshot, *pin->source));
  }
  return tr("This z with every label; click to choose one");
}

// Every label at the z on show; a click chooses the label to decode with at the cursor.
void draw_labels(const Draw& draw) {
  const std::span<const SceneImage> strip = draw.scene.label_strip();
  if (strip.empty()) return;
  ImGui::Spacing();
  small_text(draw.theme(), strip_heading(draw).c_str());
  const float gap = draw.px(3);
  const float tenth = std::floor((ImGui::GetContentRegionAvail().x - 9 * gap) / 10);
  const ImVec2 size = picture_size(draw.pictures.shape(), std::max(tenth, 8.0f), draw.px(64));
  const Styled styled(draw.theme().small);
  for (std::size_t label = 0; label < strip.size(); ++label) {
    const auto number = static_cast<int>(label);
    if (label > 0) flow(size.x, gap);
    ImGui::BeginGroup();
    ImGui::PushID(number);
    const bool chosen = draw.scene.shown_label() == number;
    if (picture_button(draw.frame, draw.pictures, "label", strip[label].slot, size, chosen)) {
      draw.scene.set_label(number);
    }
    ImGui::PopID();
    draw.frame.widgets.note(fmt::format("choose_label_{}", label));
    const std::string name = label_name(draw.snapshot, number);
    const float indent = (size.x - ImGui::CalcTextSize(name.c_str()).x) / 2;
    const ImVec2 below = ImGui::GetCursorScreenPos();
    const ImVec2 clip_high{below.x + size.x, below.y + ImGui::GetTextLineHeight()};
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.PushClipRect(below, clip_high, true);
    list.AddText({below.x + std::max(indent, 0.0f), below.y},
                 chosen ? color::kAccent : color::kMuted, name.c_str());
    list.PopClipRect();
    ImGui::Dummy({size.x, ImGui::GetTextLineHeight()});
    ImGui::EndGroup();
  }
}

}  // namespace

std::vector<Command> draw_preview_panel(const Snapshot& snapshot, ModelId model,
                                        const Pictures& pictures, Scene& scene,
                                        PreviewPanelState& state, const PanelFrame& frame) {
  const ModelView* view = snapshot.find(model);
  MarksListRequests asked;
  begin_panel(tr("Preview"), frame, kNoScroll);
  if (view != nullptr && scene.latent() > 0) {
    const Draw draw{{frame}, snapshot, *view, pictures, scene, state};
    draw_large_picture(draw);
    draw_facts(draw);
    draw_labels(draw);
    ImGui::Spacing();
    ImGui::Separator();
    ImGui::Spacing();
    asked = draw_marks_list({{frame}, snapshot, *view, pictures, scene, state.marks});
  } else {
    draw_centred(
        frame.theme, frame.rect,
        snapshot.activity ? tr("Loading …") : tr("Load data to see decoded pictures here"));
  }
  ImGui::End();
  state.hovered = std::move(asked.hovered);
  return std::move(asked.commands);
}

}  // namespace zscape
