#include "app/gui/panels/preview_panel.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/gui/panels/latent_overlay.h"
#include "app/gui/panels/plot_area.h"
#include "app/gui/view/format.h"

namespace zscape {
namespace {

constexpr int kCoordinateRows = 3;  // of z; the rest is behind the dots

struct Draw {
  const Snapshot& snapshot;
  const ModelView& model;
  const Pictures& pictures;
  Scene& scene;
  PreviewPanelState& state;
  const PanelFrame& frame;
  std::optional<PreviewPeek>& peek;  // what the pointer rests on in this frame

  const Theme& theme() const { return frame.theme; }
  float px(float pixels) const { return frame.theme.px(pixels); }
};

// The size of a picture on the screen: whole screen pixels for each of its own where it fits; a
// vector's row of values is stretched to stripes.
ImVec2 picture_size(const ImageShape& shape, float width, float height) {
  const auto own_width = static_cast<float>(std::max(shape.width, 1));
  const auto own_height = static_cast<float>(std::max(shape.height, 1));
  const float scale = std::min(width / own_width, height / own_height);
  const float whole = scale >= 1 ? std::floor(scale) : scale;
  const ImVec2 size{std::max(1.0f, std::round(own_width * whole)),
                    std::max(1.0f, std::round(own_height * whole))};
  return shape.height == 1 ? ImVec2{size.x, std::max(size.y, std::round(size.x / 4))} : size;
}

// A picture as an item of the flow; true where it was clicked.
bool picture_button(const Draw& draw, const char* id, PictureSlot slot, ImVec2 size,
                    bool selected) {
  const ImVec2 low = ImGui::GetCursorScreenPos();
  const bool clicked = ImGui::InvisibleButton(id, size);
  const ImVec2 high{low.x + size.x, low.y + size.y};
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_picture(list, draw.pictures, slot, low, high);
  if (selected || ImGui::IsItemHovered()) {
    list.AddRect(low, high, selected ? color::kAccent : color::kText, 0, 0,
                 draw.px(selected ? 2.0f : 1.0f));
  }
  return clicked;
}

// Goes on in the same row where an item of this width still fits.
void flow(float width, float gap) {
  ImGui::SameLine(0, gap);
  if (ImGui::GetContentRegionAvail().x < width) ImGui::NewLine();
}

std::string label_name(const Draw& draw, int label) {
  const auto index = static_cast<std::size_t>(label);
  const bool known =
      label >= 0 && draw.snapshot.data && index < draw.snapshot.data->class_names.size();
  return known ? draw.snapshot.data->class_names[index] : fmt::format("{}", label);
}

std::string input_name(const Draw& draw, const PointRef& input) {
  std::string name = fmt::format("{} {}", input.split == SplitName::train ? "train" : "test",
                                 format_count(input.index));
  const int label =
      draw.snapshot.data ? draw.snapshot.data->split(input.split).label(input.index) : -1;
  if (label >= 0) name += fmt::format(" ({})", label_name(draw, label));
  return name;
}

std::string shown_name(const Draw& draw) {
  if (draw.state.peek) return draw.state.peek->name;
  if (draw.scene.pointing()) return "cursor";
  const Pin* pin = draw.scene.selected_pin();
  return pin ? fmt::format("pin {}", pin->id) : "origin";
}

// z in rows of this width in the present font, broken between numbers; what has no room is told by
// its dots and the number of dimensions.
std::string coordinates(std::span<const float> z, float width) {
  const auto wide = [](const std::string& text) { return ImGui::CalcTextSize(text.c_str()).x; };
  const std::string rest = fmt::format("  … ({})", z.size());
  std::string text, row;
  int rows = 1;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const std::string number = fmt::format("{}{:+.3f}", row.empty() ? "" : "  ", z[i]);
    const bool is_last = i + 1 == z.size();
    const float reserved = rows < kCoordinateRows || is_last ? 0 : wide(rest);
    if (!row.empty() && wide(row + number) + reserved > width) {
      if (rows == kCoordinateRows) return text + row + rest;
      text += row + "\n";
      row = fmt::format("{:+.3f}", z[i]);
      ++rows;
    } else {
      row += number;
    }
  }
  return text + row;
}

// What follows stands at the common left edge of all values.
void value_name(const Draw& draw, const char* name) {
  small_text(draw.theme(), name);
  ImGui::SameLine(draw.px(14 + 62));
}

void draw_large_picture(const Draw& draw) {
  ImGui::SameLine();
  ImGui::AlignTextToFramePadding();
  small_text(draw.theme(), shown_name(draw).c_str());
  const float room = ImGui::GetContentRegionAvail().x;
  const ImVec2 size =
      picture_size(draw.pictures.shape(), room, std::min(room, draw.frame.rect.size.y * 0.42f));
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const ImVec2 low{std::floor(corner.x + (room - size.x) / 2), std::floor(corner.y)};
  const ImVec2 high{low.x + size.x, low.y + size.y};
  ImGui::Dummy({room, size.y});
  draw.frame.widgets.note("preview_picture", {{low.x, low.y}, {size.x, size.y}});
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_picture(list, draw.pictures, draw.scene.cursor_picture(), low, high);
  list.AddRect({low.x - 1, low.y - 1}, {high.x + 1, high.y + 1}, color::kLine);
}

void draw_nearest(const Draw& draw) {
  const std::optional<PointRef>& input = draw.scene.shown_input();
  if (!input) return;
  const ImVec2 size = picture_size(draw.pictures.shape(), draw.px(56), draw.px(56));
  const ImVec2 low = ImGui::GetCursorScreenPos();
  ImGui::Dummy(size);
  draw.frame.widgets.note("nearest_picture");
  draw_picture(*ImGui::GetWindowDrawList(), draw.pictures, draw.scene.input_picture(), low,
               {low.x + size.x, low.y + size.y});
  ImGui::SameLine(0, draw.px(10));
  ImGui::BeginGroup();
  small_text(draw.theme(), "Nearest input shown");
  small_text(draw.theme(), input_name(draw, *input).c_str(), color::kText);
  ImGui::EndGroup();
}

void draw_facts(const Draw& draw) {
  const std::vector<float> z = draw.scene.shown_z();
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(draw.px(8), draw.px(3)));
  value_name(draw, "z");
  ImGui::PushFont(draw.theme().small);
  const std::string numbers = coordinates(z, ImGui::GetContentRegionAvail().x);
  ImGui::PopFont();
  small_text(draw.theme(), numbers.c_str(), color::kText);
  draw.frame.widgets.note("z_numbers");
  if (draw.model.spec.has_prior()) {
    value_name(draw, "log p(z)");
    small_text(draw.theme(), fmt::format("{:.3f} nats", log_prior(z)).c_str(), color::kText);
  }
  ImGui::PopStyleVar();
  ImGui::Spacing();
  draw_nearest(draw);
}

// Every label at the z on show; a click chooses the label that the cursor is decoded with.
void draw_labels(const Draw& draw) {
  const std::span<const SceneImage> strip = draw.scene.label_strip();
  if (strip.empty()) return;
  ImGui::Spacing();
  small_text(draw.theme(), "This z with every label; click to choose one");
  const float gap = draw.px(3);
  const float tenth = std::floor((ImGui::GetContentRegionAvail().x - 9 * gap) / 10);
  const ImVec2 size = picture_size(draw.pictures.shape(), std::max(tenth, 8.0f), draw.px(64));
  ImGui::PushFont(draw.theme().small);
  for (std::size_t label = 0; label < strip.size(); ++label) {
    const auto number = static_cast<int>(label);
    if (label > 0) flow(size.x, gap);
    ImGui::BeginGroup();
    ImGui::PushID(number);
    const bool chosen = draw.scene.shown_label() == number;
    if (picture_button(draw, "label", strip[label].slot, size, chosen)) {
      draw.scene.set_label(number);
    }
    ImGui::PopID();
    draw.frame.widgets.note(fmt::format("choose_label_{}", label));
    const std::string name = label_name(draw, number);
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
  ImGui::PopFont();
}

// The cross in the corner of a picture that the pointer is on; true where the pointer is on the
// cross itself.
bool draw_cross(const Draw& draw, ImVec2 picture_low, ImVec2 picture_high) {
  const float side = draw.px(15);
  const ImVec2 low{picture_high.x - side, picture_low.y};
  const ImVec2 high{picture_high.x, picture_low.y + side};
  const bool hovered = ImGui::IsMouseHoveringRect(low, high);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(low, high, hovered ? color::kError : color::kOverlay);
  const float inset = draw.px(4.5f);
  const ImU32 ink = hovered ? color::kOnAccent : color::kText;
  const float stroke = draw.px(1.5f);
  list.AddLine({low.x + inset, low.y + inset}, {high.x - inset, high.y - inset}, ink, stroke);
  list.AddLine({low.x + inset, high.y - inset}, {high.x - inset, low.y + inset}, ink, stroke);
  return hovered;
}

void draw_pin(const Draw& draw, const Pin& pin, ImVec2 size, int& removed) {
  const bool selected = draw.scene.selected_pin() == &pin;
  ImGui::PushID(pin.id);
  const bool clicked = picture_button(draw, "pin", pin.image.slot, size, selected);
  ImGui::PopID();
  draw.frame.widgets.note(fmt::format("pin_{}", pin.id));
  const ImVec2 low = ImGui::GetItemRectMin();
  const ImVec2 high = ImGui::GetItemRectMax();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::string number = fmt::format("{}", pin.id);
  ImGui::PushFont(draw.theme().small);
  const ImVec2 text = ImGui::CalcTextSize(number.c_str());
  const float pad = draw.px(3);
  list.AddRectFilled({low.x, high.y - text.y}, {low.x + text.x + 2 * pad, high.y},
                     selected ? color::kAccent : color::kText);
  list.AddText({low.x + pad, high.y - text.y}, color::kOnAccent, number.c_str());
  ImGui::PopFont();
  if (!ImGui::IsItemHovered()) return;
  const bool on_cross = draw_cross(draw, low, high);
  if (clicked && on_cross) {
    removed = pin.id;
  } else if (clicked) {
    draw.scene.select_pin(pin.id);
  }
  draw.peek = PreviewPeek{pin.z, pin.label, fmt::format("pin {}", pin.id)};
  if (pin.source) tooltip(draw.theme(), input_name(draw, *pin.source).c_str());
}

void draw_pins(const Draw& draw) {
  const std::string heading = fmt::format("Pins  {}", draw.scene.pins().size());
  small_text(draw.theme(), heading.c_str(), color::kText);
  if (draw.scene.pins().empty()) {
    small_text(draw.theme(), "Click in latent space to pin a picture");
    return;
  }
  const ImVec2 size = picture_size(draw.pictures.shape(), draw.px(62), draw.px(62));
  int removed = 0;
  bool first = true;
  for (const Pin& pin : draw.scene.pins()) {
    if (!std::exchange(first, false)) flow(size.x, draw.px(5));
    draw_pin(draw, pin, size, removed);
  }
  draw.scene.remove_pin(removed);
}

std::string end_name(const Draw& draw, const PathEnd& end) {
  if (end.source) return input_name(draw, *end.source);
  const Vec2 place = draw.scene.plane_of(end.z);
  return fmt::format("{:+.2f} {:+.2f}", place.x, place.y);
}

void draw_path(const Draw& draw, const Path& path, int& removed) {
  const bool selected = draw.scene.selected_path() == &path;
  ImGui::PushID(path.id);
  ImGui::PushFont(draw.theme().small);
  const std::string name =
      fmt::format("{}  {} → {}", path.id, end_name(draw, path.from), end_name(draw, path.to));
  const float cross = draw.px(20);
  const float width = ImGui::GetContentRegionAvail().x - cross;
  ImGui::PushStyleColor(ImGuiCol_Text, selected ? color::kAccent : color::kText);
  if (ImGui::Selectable(name.c_str(), false, 0, {width, 0})) draw.scene.select_path(path.id);
  ImGui::PopStyleColor();
  draw.frame.widgets.note(fmt::format("path_{}", path.id));
  ImGui::SameLine(0, 0);
  if (ImGui::Selectable("×##remove", false, 0, {cross, 0})) removed = path.id;
  draw.frame.widgets.note(fmt::format("remove_path_{}", path.id));
  tooltip(draw.theme(), "Delete this path");
  ImGui::PopFont();

  const auto frames = static_cast<float>(kPathFrames);
  const float all = ImGui::GetContentRegionAvail().x;
  const ImVec2 size =
      picture_size(draw.pictures.shape(), std::max(std::floor(all / frames), 8.0f), draw.px(96));
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(0, draw.px(6)));
  for (std::size_t frame = 0; frame < path.images.size(); ++frame) {
    if (frame > 0) flow(size.x, 0);
    ImGui::PushID(static_cast<int>(frame));
    picture_button(draw, "frame", path.images[frame].slot, size, false);
    ImGui::PopID();
    draw.frame.widgets.note(fmt::format("path_{}_frame_{}", path.id, frame));
    if (ImGui::IsItemHovered()) {
      draw.peek =
          PreviewPeek{path.frames[frame], path.label,
                      fmt::format("path {}, frame {} of {}", path.id, frame + 1, kPathFrames)};
    }
  }
  ImGui::PopStyleVar();
  ImGui::PopID();
}

void draw_paths(const Draw& draw) {
  ImGui::Spacing();
  const std::string heading = fmt::format("Paths  {}", draw.scene.paths().size());
  small_text(draw.theme(), heading.c_str(), color::kText);
  if (draw.scene.paths().empty()) {
    small_text(draw.theme(), "Drag with the right button, or press P and drag");
    return;
  }
  int removed = 0;
  for (const Path& path : draw.scene.paths()) draw_path(draw, path, removed);
  draw.scene.remove_path(removed);
}

}  // namespace

void draw_preview_panel(const Snapshot& snapshot, ModelId model, const Pictures& pictures,
                        Scene& scene, PreviewPanelState& state, const PanelFrame& frame) {
  const ModelView* view = snapshot.find(model);
  std::optional<PreviewPeek> peek;
  begin_panel("Preview", frame, ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  if (view != nullptr && scene.latent() > 0) {
    const Draw draw{snapshot, *view, pictures, scene, state, frame, peek};
    draw_large_picture(draw);
    draw_facts(draw);
    draw_labels(draw);
    ImGui::Spacing();
    ImGui::Separator();
    ImGui::Spacing();
    // The marks may be many: they scroll, the picture above them stays.
    ImGui::BeginChild("marks", {0, 0}, false, ImGuiWindowFlags_NoBackground);
    draw_pins(draw);
    draw_paths(draw);
    ImGui::EndChild();
  } else {
    draw_centred(frame.theme, frame.rect,
                 snapshot.activity ? "Loading …" : "Load data to see decoded pictures here");
  }
  end_panel();
  state.peek = std::move(peek);
}

}  // namespace zscape
