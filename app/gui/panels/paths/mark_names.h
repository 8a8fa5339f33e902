#pragma once

#include <string>

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/paths/scene.h"

namespace zscape {

// A name under edit, in a small popup of the panel that holds this state.
struct RenameState {
  enum class Kind { none, pin, path };
  Kind kind = Kind::none;
  int id = 0;
  std::string text;
  bool opens = false;  // in the next draw_rename()
};

// Draws the popup while a mark is being renamed. Call it every frame in the panel's window.
void draw_rename(Scene& scene, RenameState& state, const PanelFrame& frame);

void begin_rename(RenameState& state, const PinMark& pin);
void begin_rename(RenameState& state, const PathMark& path);

// The items of a mark's context menu, between BeginPopup() and EndPopup(). True: delete the mark.
bool draw_mark_items(RenameState& state, const PinMark& pin, const PanelFrame& frame);
bool draw_mark_items(RenameState& state, const PathMark& path, const PanelFrame& frame);

// The text on a pin: its number, or the name that a person gave it.
std::string pin_tag(const PinMark& pin);

// The text, or its beginning and dots if it is wider than this in the present font.
std::string beginning_that_fits(const std::string& text, float width);

}  // namespace zscape
