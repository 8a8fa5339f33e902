#pragma once

#include <imgui.h>

namespace zscape {

// The keyboard in popups: Tab moves from item to item (with Shift, back), Enter presses the one
// that has the keyboard. A text field keeps both keys while it is edited.

// Call right after each item of a popup that can be clicked: whether Enter pressed it. Outside
// popups: never. is_first_choice: it has the keyboard until Tab moves it; of a question, the safe
// answer.
bool pressed_by_key(bool usable = true, bool is_first_choice = false);

// ImGui::Selectable and ImGui::MenuItem that answer the keyboard.
bool list_entry(const char* label, bool selected = false, ImGuiSelectableFlags flags = 0);
bool menu_entry(const char* label, const char* keys = nullptr, bool usable = true);

}  // namespace zscape
