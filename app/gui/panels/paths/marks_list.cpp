#include "app/gui/panels/paths/marks_list.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <string>
#include <utility>

#include "app/gui/panels/inputs/picture_items.h"
#include "engine/text.h"

namespace zscape {
namespace {

struct Draw : MarksListInput {
  MarksListRequests& asked;
};

// The cross in the corner of the picture under the pointer; true where the pointer is on the cross.
bool draw_remove(const Draw& draw, ImVec2 picture_low, ImVec2 picture_high) {
  const float side = draw.px(15);
  const ImVec2 low{picture_high.x - side, picture_low.y};
  const ImVec2 high{picture_high.x, picture_low.y + side};
  const bool hovered = ImGui::IsMouseHoveringRect(low, high);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(low, high, hovered ? color::kError : color::kOverlay);
  draw_cross(list, {(low.x + high.x) / 2, (low.y + high.y) / 2}, side / 2 - draw.px(4.5f),
             hovered ? color::kOnAccent : color::kText, draw.px(1.5f));
  return hovered;
}

void draw_pin_tag(const Draw& draw, const Pin& pin, ImVec2 low, ImVec2 high, bool selected) {
  const float pad = draw.px(3);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Styled styled(draw.frame.theme.small);
  const std::string tag = beginning_that_fits(pin_tag(pin), high.x - low.x - 2 * pad);
  const ImVec2 text = ImGui::CalcTextSize(tag.c_str());
  list.AddRectFilled({low.x, high.y - text.y}, {low.x + text.x + 2 * pad, high.y},
                     selected ? color::kAccent : color::kText);
  list.AddText({low.x + pad, high.y - text.y}, color::kOnAccent, tag.c_str());
}

void draw_pin(const Draw& draw, const Pin& pin, ImVec2 size, int& removed) {
  const bool selected = draw.scene.selected_pin() == &pin;
  ImGui::PushID(pin.id);
  const bool clicked =
      picture_button(draw.frame, draw.pictures, "pin",
                     draw.scene.is_placed(pin) ? pin.image.slot : kNoPicture, size, selected);
  draw.frame.widgets.note(fmt::format("pin_{}", pin.id));
  const ImVec2 low = ImGui::GetItemRectMin();
  const ImVec2 high = ImGui::GetItemRectMax();
  draw_pin_tag(draw, pin, low, high, selected);
  if (ImGui::IsItemHovered()) {
    const bool on_cross = draw_remove(draw, low, high);
    if (clicked && on_cross) {
      removed = pin.id;
    } else if (clicked) {
      draw.scene.select_pin(pin.id);
    }
    if (!on_cross && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left)) {
      begin_rename(draw.state.rename, pin);
    }
    draw.asked.hovered = HoveredPicture{pin.z, pin.label, pin.name};
    std::string name = pin.name;
    if (pin.source) name += ": " + input_name(draw.snapshot, *pin.source);
    tooltip(draw.frame.theme, tr("{}\nDouble-click to rename", name).c_str());
  }
  if (ImGui::BeginPopupContextItem("pin_menu")) {
    if (draw_mark_items(draw.state.rename, pin, draw.frame)) removed = pin.id;
    ImGui::EndPopup();
  }
  ImGui::PopID();
}

// A heading and, where its list is empty, how to fill it.
void draw_heading(const Draw& draw, const std::string& heading, bool is_empty, const char* hint) {
  small_text(draw.frame.theme, heading.c_str(), color::kText);
  if (!is_empty) return;
  ImGui::PushTextWrapPos(0);
  small_text(draw.frame.theme, hint);
  ImGui::PopTextWrapPos();
}

// A list of its own that scrolls, with the scrollbar in the panel's margin, so that what it holds
// keeps its width. height 0: the rest of the panel.
void begin_list(const Draw& draw, const char* name, float height) {
  const float room = ImGui::GetContentRegionAvail().x, bar = draw.px(7);
  ImGui::PushStyleVar(ImGuiStyleVar_ScrollbarSize, bar);
  ImGui::SetNextWindowContentSize({room, 0});
  ImGui::BeginChild(name, {room + bar, height}, false, ImGuiWindowFlags_NoBackground);
  draw.frame.widgets.note(std::string("list_") + name,
                          {Vec2(ImGui::GetWindowPos()), Vec2(ImGui::GetWindowSize())});
}

void end_list() {
  ImGui::EndChild();
  ImGui::PopStyleVar();
}

// How large the pictures of the pins are, and how high their list may be: a selected path needs
// room below them.
struct PinRoom {
  ImVec2 picture;
  float height;
};

PinRoom room_of_pins(const Draw& draw) {
  constexpr float kLarge = 62, kSmall = 38, kLow = 420, kShare = 0.35f;
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const bool is_tight = draw.scene.selected_path() != nullptr && room.y < draw.px(kLow);
  const float side = draw.px(is_tight ? kSmall : kLarge), gap = draw.px(5);
  const ImVec2 picture = picture_size(draw.pictures.shape(), side, side);
  const auto in_a_row = static_cast<int>((room.x + gap) / (picture.x + gap));
  const int count = static_cast<int>(draw.scene.pins().size()), columns = std::max(in_a_row, 1);
  const float row = picture.y + ImGui::GetStyle().ItemSpacing.y;
  const auto rows = static_cast<float>((count + columns - 1) / columns);
  const float most = draw.scene.paths().empty() ? room.y : std::max(kShare * room.y, row);
  return {picture, std::min(rows * row, std::max(most, row))};
}

void draw_pins(const Draw& draw) {
  draw_heading(draw, tr("Pins  {}", draw.scene.pins().size()), draw.scene.pins().empty(),
               tr("Click in latent space to pin a picture"));
  if (draw.scene.pins().empty()) return;
  const PinRoom room = room_of_pins(draw);
  int removed = 0;
  bool first = true;
  begin_list(draw, "pins", room.height);
  for (const Pin& pin : draw.scene.pins()) {
    if (!std::exchange(first, false)) flow(room.picture.x, draw.px(5));
    draw_pin(draw, pin, room.picture, removed);
  }
  end_list();
  draw.scene.remove_pin(removed);
}

// The name of a path; click to select, double-click to rename, × to delete.
void draw_path_name(const Draw& draw, const Path& path, bool selected, int& removed) {
  const Styled styled(draw.frame.theme.small);
  std::string text = path.name;
  if (!selected) {
    text += fmt::format("  {} →{} {}", end_name(draw.snapshot, draw.scene, path.points.front()),
                        path.legs() > 1 ? " … →" : "",
                        end_name(draw.snapshot, draw.scene, path.points.back()));
  }
  const float cross = draw.px(20);
  const float width = ImGui::GetContentRegionAvail().x - cross;
  const float room = width - draw.px(4);
  ImGui::PushStyleColor(ImGuiCol_Text, selected ? color::kAccent : color::kText);
  const bool clicked = ImGui::Selectable((beginning_that_fits(text, room) + "###name").c_str(),
                                         false, ImGuiSelectableFlags_AllowDoubleClick, {width, 0});
  ImGui::PopStyleColor();
  draw.frame.widgets.note(fmt::format("path_{}", path.id));
  const bool twice = clicked && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  tooltip(draw.frame.theme, tr("{}\nDouble-click to rename", text).c_str());
  if (ImGui::BeginPopupContextItem("path_menu")) {
    if (draw_mark_items(draw.state.rename, path, draw.frame)) removed = path.id;
    ImGui::EndPopup();
  } else if (twice) {
    begin_rename(draw.state.rename, path);
  } else if (clicked) {
    draw.scene.select_path(path.id);
  }
  ImGui::SameLine(0, 0);
  if (ImGui::Selectable("×##remove", false, 0, {cross, 0})) removed = path.id;
  draw.frame.widgets.note(fmt::format("remove_path_{}", path.id));
  tooltip(draw.frame.theme, tr("Delete this path"));
}

void draw_path(const Draw& draw, const Path& path, int& removed, PathViewRequests& asked) {
  const bool selected = draw.scene.selected_path() == &path;
  ImGui::PushID(path.id);
  if (selected && std::exchange(draw.state.seen_path, path.id) != path.id) {
    ImGui::SetScrollHereY(0);
  }
  draw_path_name(draw, path, selected, removed);
  const PathViewInput input{{draw.frame},  draw.snapshot, draw.model,
                            draw.pictures, draw.scene,    draw.state.path};
  if (!draw.scene.is_placed(path)) {
    small_text(draw.frame.theme, tr("Where its inputs were then is not known."));
  } else if (selected) {
    draw_path_view(input, path, asked);
  } else {
    draw_path_strip(input, path, asked);
  }
  ImGui::PopID();
}

void draw_paths(const Draw& draw) {
  ImGui::Spacing();
  draw_heading(draw, tr("Paths  {}", draw.scene.paths().size()), draw.scene.paths().empty(),
               tr("Drag with the right button, or press P and drag"));
  if (!draw.scene.selected_path()) draw.state.seen_path = 0;
  int removed = 0;
  PathViewRequests asked;
  begin_list(draw, "paths", 0);
  for (const Path& path : draw.scene.paths()) draw_path(draw, path, removed, asked);
  end_list();
  // Only now, since each of these may reorder the paths.
  if (asked.hovered) draw.asked.hovered = std::move(asked.hovered);
  if (asked.command) draw.asked.commands.push_back(std::move(*asked.command));
  if (asked.select != 0) draw.scene.select_path(asked.select);
  if (asked.mode) {
    const Path* path = draw.scene.selected_path();
    draw.scene.edit([&](MarkHistory& marks) { marks.set_mode(path->id, *asked.mode); });
  }
  if (asked.play_from) draw.scene.play_from(*asked.play_from);
  draw.scene.remove_path(removed);
}

}  // namespace

MarksListRequests draw_marks_list(const MarksListInput& input) {
  MarksListRequests asked;
  const Draw draw{input, asked};
  draw_pins(draw);
  draw_paths(draw);
  draw_rename(input.scene, input.state.rename, input.frame);
  return asked;
}

}  // namespace zscape
