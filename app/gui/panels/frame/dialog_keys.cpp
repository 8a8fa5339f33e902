#include "app/gui/panels/frame/dialog_keys.h"

#include <imgui_internal.h>

#include <algorithm>

#include "app/gui/view/frame/theme.h"

namespace zscape {
namespace {

bool pressed(ImGuiKey key) {
  return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key), /*repeat=*/false);
}

// What a popup's own storage keeps between frames.
struct Keys {
  explicit Keys(ImGuiStorage& storage)
      : frame(*storage.GetIntRef(ImHashStr("keys_frame"), -1)),
        items(*storage.GetIntRef(ImHashStr("keys_items"), 0)),
        chosen(*storage.GetIntRef(ImHashStr("keys_chosen"), -1)),
        is_shown(*storage.GetIntRef(ImHashStr("keys_shown"), 0)) {}
  int& frame;     // the last one that drew an item
  int& items;     // drawn in it so far
  int& chosen;    // the item that has the keyboard; -1: none yet
  int& is_shown;  // whether the keys were used since the popup opened
};

}  // namespace

bool pressed_by_key(bool usable, bool is_first_choice) {
  const ImGuiWindow* window = ImGui::GetCurrentWindowRead();
  if ((window->Flags & ImGuiWindowFlags_Popup) == 0 || !usable) return false;
  // Each reference is found again: a new entry of the storage may move the others.
  ImGuiStorage& storage = *ImGui::GetStateStorage();
  static_cast<void>(Keys(storage));
  Keys keys(storage);
  const bool typing = ImGui::GetIO().WantTextInput;
  if (const int now = ImGui::GetFrameCount(); keys.frame != now) {
    if (keys.frame != now - 1) keys.chosen = -1, keys.is_shown = 0;  // it opened again
    const int count = std::max(keys.items, 1);
    if (!typing && pressed(ImGuiKey_Tab) && keys.frame == now - 1) {
      const int by = ImGui::GetIO().KeyShift ? count - 1 : 1;
      keys.chosen = keys.chosen < 0 ? (by == 1 ? 0 : count - 1) : (keys.chosen + by) % count;
      keys.is_shown = 1;
    }
    keys.frame = now;
    keys.items = 0;
  }
  const int item = keys.items++;
  if (keys.chosen < 0 && is_first_choice) keys.chosen = item;
  if (keys.chosen != item) return false;
  if (keys.is_shown != 0) {
    const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
    const float unit = ImGui::GetFontSize() / 16, away = 2 * unit;
    ImGui::GetWindowDrawList()->AddRect({low.x - away, low.y - away},
                                        {high.x + away, high.y + away}, color::kText, 5 * unit, 0,
                                        1.5f * unit);
  }
  return !typing && pressed(ImGuiKey_Enter);
}

bool list_entry(const char* label, bool selected, ImGuiSelectableFlags flags) {
  const bool clicked = ImGui::Selectable(label, selected, flags);
  const bool usable = (flags & ImGuiSelectableFlags_Disabled) == 0;
  if (!pressed_by_key(usable)) return clicked;
  if ((flags & ImGuiSelectableFlags_DontClosePopups) == 0) ImGui::CloseCurrentPopup();
  return true;
}

bool menu_entry(const char* label, const char* keys, bool usable) {
  const bool clicked = ImGui::MenuItem(label, keys, false, usable);
  if (!pressed_by_key(usable)) return clicked;
  ImGui::CloseCurrentPopup();
  return true;
}

}  // namespace zscape
