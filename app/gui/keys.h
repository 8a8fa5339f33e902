#pragma once

#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "app/gui/input.h"
#include "app/gui/panels/frame/help_panel.h"
#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/view/frame/places.h"

namespace zscape {

// What a key asks of the window as a whole.
enum class KeyAction {
  play_pause,
  step,
  hide_panels,
  screenshot,
  save_model,
  save_session,
  open,
  copy_z,
  quit,
  help,
  compare,
  samples,
};

// The meaning of a key: an action, a key of the latent view, a layer or a place.
using KeyMeaning = std::variant<KeyAction, bool LatentKeys::*, Layer, Place>;

// One line of the table that both the handler and the help read.
struct KeyBinding {
  int key = 0;             // GLFW's number; 0: known by the character that it types
  unsigned codepoint = 0;  // of that character, since keyboards differ in where it is
  int mods = 0;            // GLFW's bits
  KeyMeaning meaning;
  const char* shown;  // "Ctrl-S"
  const char* does;   // for the help; null: another line speaks for this one
};
std::span<const KeyBinding> key_bindings();

// What the keys of one frame ask for.
struct KeyPresses {
  LatentKeys latent;
  std::vector<KeyAction> actions;
  std::optional<Place> place;  // to go to
};

// typing: a text field has the keyboard; then only function keys and Ctrl keys that the field does
// not use count.
KeyPresses read_keys(std::span<const InputQueue::Queued> events, bool typing);

bool is_press(const InputEvent& event);  // of a key or a button

// The mouse and all keys, for the help; keys of places only where there are several to go to.
std::vector<HelpLine> help_lines();

}  // namespace zscape
