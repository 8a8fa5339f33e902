#include "app/gui/keys.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include <algorithm>
#include <array>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kMods = GLFW_MOD_SHIFT | GLFW_MOD_CONTROL | GLFW_MOD_ALT | GLFW_MOD_SUPER;
constexpr int kCtrl = GLFW_MOD_CONTROL;
constexpr int kCtrlShift = GLFW_MOD_CONTROL | GLFW_MOD_SHIFT;

const std::array kBindings = {
    KeyBinding{GLFW_KEY_SPACE, 0, 0, KeyAction::play_pause, "Space", tr("start or pause training")},
    KeyBinding{0, '.', 0, KeyAction::step, ".", tr("do one training step")},
    KeyBinding{GLFW_KEY_HOME, 0, 0, &LatentKeys::fit, "Home", tr("fit the view to the codes")},
    KeyBinding{GLFW_KEY_E, 0, 0, &LatentKeys::explore_tool, "E, P, S",
               tr("tools: explore, path, select")},
    KeyBinding{GLFW_KEY_P, 0, 0, &LatentKeys::toggle_path_tool, nullptr, nullptr},
    KeyBinding{GLFW_KEY_S, 0, 0, &LatentKeys::toggle_select_tool, nullptr, nullptr},
    KeyBinding{GLFW_KEY_A, 0, 0, &LatentKeys::toggle_add, "A",
               tr("switch adding to the selection on or off")},
    KeyBinding{GLFW_KEY_C, 0, 0, &LatentKeys::toggle_card, "C",
               tr("show or hide the card beside the pointer")},
    KeyBinding{GLFW_KEY_D, 0, 0, &LatentKeys::toggle_spatial, "D",
               tr("switch between three dimensions and a plane")},
    KeyBinding{GLFW_KEY_LEFT, 0, 0, &LatentKeys::step_back, "← →",
               tr("go along the chosen sequence, where data are sequences")},
    KeyBinding{GLFW_KEY_RIGHT, 0, 0, &LatentKeys::step_on, nullptr, nullptr},
    KeyBinding{GLFW_KEY_DELETE, 0, 0, &LatentKeys::remove, "Delete",
               tr("remove the selected pin or path")},
    KeyBinding{GLFW_KEY_ESCAPE, 0, 0, &LatentKeys::escape, "Esc",
               tr("cancel a drag, clear a selection, leave a tool")},
    KeyBinding{GLFW_KEY_Z, 0, kCtrl, &LatentKeys::undo, "Ctrl-Z",
               tr("undo the last change of pins and paths, or of the model")},
    KeyBinding{GLFW_KEY_Z, 0, kCtrlShift, &LatentKeys::redo, "Ctrl-Shift-Z", tr("redo the change")},
    KeyBinding{GLFW_KEY_Y, 0, kCtrl, &LatentKeys::redo, nullptr, nullptr},
    KeyBinding{GLFW_KEY_1, 0, 0, Layer::points, "1 … 9",
               tr("switch layers of the latent view on or off")},
    KeyBinding{GLFW_KEY_2, 0, 0, Layer::ellipses, nullptr, nullptr},
    KeyBinding{GLFW_KEY_3, 0, 0, Layer::manifold, nullptr, nullptr},
    KeyBinding{GLFW_KEY_4, 0, 0, Layer::density, nullptr, nullptr},
    KeyBinding{GLFW_KEY_5, 0, 0, Layer::prior, nullptr, nullptr},
    KeyBinding{GLFW_KEY_6, 0, 0, Layer::centroids, nullptr, nullptr},
    KeyBinding{GLFW_KEY_7, 0, 0, Layer::paths, nullptr, nullptr},
    KeyBinding{GLFW_KEY_8, 0, 0, Layer::pins, nullptr, nullptr},
    KeyBinding{GLFW_KEY_9, 0, 0, Layer::lens, nullptr, nullptr},
    KeyBinding{GLFW_KEY_F, 0, 0, Layer::forces, "F, R, T, Q",
               tr("layers that say why: forces, round trip, stretch, codes against the prior")},
    KeyBinding{GLFW_KEY_R, 0, 0, Layer::trips, nullptr, nullptr},
    KeyBinding{GLFW_KEY_T, 0, 0, Layer::stretch, nullptr, nullptr},
    KeyBinding{GLFW_KEY_Q, 0, 0, Layer::mismatch, nullptr, nullptr},
    KeyBinding{GLFW_KEY_B, 0, 0, KeyAction::compare, "B",
               tr("open a model beside the first, or close the last")},
    KeyBinding{GLFW_KEY_G, 0, 0, KeyAction::samples, "G",
               tr("draw random samples: of the prior, or of one input's posterior")},
    KeyBinding{GLFW_KEY_F2, 0, 0, Place::explore, "F2", tr("explore the latent space")},
    KeyBinding{GLFW_KEY_F3, 0, 0, Place::understand, "F3", tr("understand a model")},
    KeyBinding{GLFW_KEY_F4, 0, 0, Place::lab, "F4", tr("run experiments")},
    KeyBinding{GLFW_KEY_F5, 0, 0, Place::story, "F5", tr("follow a story")},
    KeyBinding{GLFW_KEY_TAB, 0, 0, KeyAction::hide_panels, "Tab", tr("hide or show the panels")},
    KeyBinding{GLFW_KEY_F12, 0, 0, KeyAction::screenshot, "F12", tr("save a screenshot")},
    KeyBinding{GLFW_KEY_S, 0, kCtrl, KeyAction::save_model, "Ctrl-S", tr("save the model")},
    KeyBinding{GLFW_KEY_S, 0, kCtrlShift, KeyAction::save_session, "Ctrl-Shift-S",
               tr("save the session")},
    KeyBinding{GLFW_KEY_O, 0, kCtrl, KeyAction::open, "Ctrl-O",
               tr("open a model, data or a session")},
    KeyBinding{GLFW_KEY_C, 0, kCtrl, KeyAction::copy_z, "Ctrl-C",
               tr("copy the z under the pointer")},
    KeyBinding{GLFW_KEY_Q, 0, kCtrl, KeyAction::quit, "Ctrl-Q", tr("close the window")},
    KeyBinding{0, '?', 0, KeyAction::help, "? or F1", tr("show this help")},
    KeyBinding{GLFW_KEY_F1, 0, 0, KeyAction::help, nullptr, nullptr},
};

constexpr std::array kMouse = {
    HelpLine{tr("Mouse"), tr("Move"), tr("decode the place under the pointer")},
    HelpLine{tr("Mouse"), tr("Click"), tr("pin this place, or select a pin")},
    HelpLine{tr("Mouse"), tr("Drag"), tr("move the view")},
    HelpLine{tr("Mouse"), tr("Wheel"), tr("zoom in and out")},
    HelpLine{tr("Mouse"), tr("Right drag"), tr("draw a path from one place to another")},
    HelpLine{tr("Mouse"), tr("Shift drag"),
             tr("select with a box; with Ctrl as well, with a lasso")},
    HelpLine{tr("Mouse"), tr("Right click"), tr("open a menu: delete, fit")},
    HelpLine{tr("Mouse"), tr("Click a class"), tr("show it alone, or all again")},
    HelpLine{tr("Mouse"), tr("Ctrl-click a class"), tr("dim it or bring it back")},
    HelpLine{tr("Mouse"), tr("Drag a path's point"),
             tr("move it; Ctrl-click on the line adds one")},
    HelpLine{tr("Mouse"), tr("Drag in 3-D"), tr("rotate; with the right button, move")},
    HelpLine{tr("Mouse"), tr("Drag a border"), tr("resize panels; double-click resets")},
    HelpLine{tr("Mouse"), tr("Drop a file"),
             tr("open a model, data, a session or a picture of your own")},
};

bool is_function_key(int key) {
  return key >= GLFW_KEY_F1 && key <= GLFW_KEY_F25;
}

// What a text field does with Ctrl itself: copy, undo, redo.
bool is_for_fields(int key) {
  return key == GLFW_KEY_C || key == GLFW_KEY_Z || key == GLFW_KEY_Y;
}

// Shift matters only where a line of the table asks for it.
const KeyBinding* binding_of(const KeyChanged& change) {
  const int mods = change.mods & kMods;
  for (const int wanted : {mods, mods & ~GLFW_MOD_SHIFT}) {
    const auto found = std::ranges::find_if(kBindings, [&](const KeyBinding& binding) {
      return binding.key != 0 && binding.key == change.key && binding.mods == wanted;
    });
    if (found != kBindings.end()) return &*found;
  }
  return nullptr;
}

const KeyBinding* binding_of(const InputEvent& event, bool typing) {
  if (const auto* change = std::get_if<KeyChanged>(&event)) {
    if (!change->down) return nullptr;
    const KeyBinding* binding = binding_of(*change);
    const bool counts = !typing || is_function_key(change->key) ||
                        ((change->mods & kCtrl) != 0 && !is_for_fields(change->key));
    return counts ? binding : nullptr;
  }
  const auto* typed = std::get_if<CharTyped>(&event);
  if (typed == nullptr || typing) return nullptr;
  const auto found = std::ranges::find_if(kBindings, [typed](const KeyBinding& binding) {
    return binding.key == 0 && binding.codepoint == typed->codepoint;
  });
  return found == kBindings.end() ? nullptr : &*found;
}

}  // namespace

std::span<const KeyBinding> key_bindings() {
  return kBindings;
}

KeyPresses read_keys(std::span<const InputQueue::Queued> events, bool typing) {
  KeyPresses presses;
  for (const auto& [event, time] : events) {
    const KeyBinding* binding = binding_of(event, typing);
    if (binding == nullptr) continue;
    if (const auto* action = std::get_if<KeyAction>(&binding->meaning)) {
      presses.actions.push_back(*action);
    } else if (const auto* place = std::get_if<Place>(&binding->meaning)) {
      presses.place = *place;
    } else if (const auto* layer = std::get_if<Layer>(&binding->meaning)) {
      presses.latent.flip.flip(static_cast<std::size_t>(*layer));
    } else {
      presses.latent.*std::get<bool LatentKeys::*>(binding->meaning) = true;
    }
  }
  return presses;
}

bool is_press(const InputEvent& event) {
  if (const auto* key = std::get_if<KeyChanged>(&event)) return key->down;
  const auto* button = std::get_if<ButtonChanged>(&event);
  return button != nullptr && button->down;
}

std::vector<HelpLine> help_lines() {
  std::vector<HelpLine> lines(kMouse.begin(), kMouse.end());
  const auto offered =
      std::ranges::count_if(kPlaces, [](Place place) { return is_offered(place); });
  for (const KeyBinding& binding : kBindings) {
    const auto* place = std::get_if<Place>(&binding.meaning);
    if (place && (offered < 2 || !is_offered(*place))) continue;
    if (binding.does != nullptr) lines.push_back({tr("Keys"), binding.shown, binding.does});
  }
  return lines;
}

}  // namespace zscape
