#include "app/gui/panels/paths/mark_names.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kPopup = "rename_mark";

void apply(Scene& scene, RenameState& state) {
  scene.edit([&](MarkHistory& marks) {
    if (state.kind == RenameState::Kind::pin) marks.rename_pin(state.id, state.text);
    if (state.kind == RenameState::Kind::path) marks.rename_path(state.id, state.text);
  });
  state = {};
}

template <class Mark>
bool draw_items(RenameState& state, const Mark& mark, const std::string& default_name,
                const PanelFrame& frame) {
  if (menu_entry(tr("Rename …"))) begin_rename(state, mark);
  frame.widgets.note("menu_rename");
  const std::string label =
      mark.name == default_name ? tr("Delete {}", mark.name) : tr("Delete “{}”", mark.name);
  const bool removed = menu_entry(label.c_str());
  frame.widgets.note("menu_remove");
  return removed;
}

}  // namespace

void begin_rename(RenameState& state, const PinMark& pin) {
  state = {RenameState::Kind::pin, pin.id, pin.name, true};
}

void begin_rename(RenameState& state, const PathMark& path) {
  state = {RenameState::Kind::path, path.id, path.name, true};
}

void draw_rename(Scene& scene, RenameState& state, const PanelFrame& frame) {
  if (state.kind == RenameState::Kind::none) return;
  const bool opens = state.opens;
  if (opens) ImGui::OpenPopup(kPopup);
  state.opens = false;
  if (!ImGui::BeginPopup(kPopup)) {
    apply(scene, state);  // a click elsewhere has closed it
    return;
  }
  small_text(frame.theme,
             state.kind == RenameState::Kind::pin ? tr("Name of the pin") : tr("Name of the path"));
  if (opens) ImGui::SetKeyboardFocusHere();
  ImGui::SetNextItemWidth(frame.px(200));
  const bool entered =
      ImGui::InputText("##name", &state.text,
                       ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  frame.widgets.note("mark_name");
  // Escape has brought the former text back.
  if (entered || ImGui::IsItemDeactivated()) {
    apply(scene, state);
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

bool draw_mark_items(RenameState& state, const PinMark& pin, const PanelFrame& frame) {
  return draw_items(state, pin, default_pin_name(pin.id), frame);
}

bool draw_mark_items(RenameState& state, const PathMark& path, const PanelFrame& frame) {
  return draw_items(state, path, default_path_name(path.id), frame);
}

std::string pin_tag(const PinMark& pin) {
  return pin.name == default_pin_name(pin.id) ? std::to_string(pin.id) : pin.name;
}

std::string beginning_that_fits(const std::string& text, float width) {
  std::string shown = text;
  std::size_t end = text.size();
  while (end > 0 && ImGui::CalcTextSize(shown.c_str()).x > width) {
    do --end;
    while (end > 0 && is_continuation(text[end]));
    shown = text.substr(0, end) + "…";
  }
  return shown;
}

}  // namespace zscape
