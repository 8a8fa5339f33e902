#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/gui/view/frame/theme.h"

namespace zscape {

enum class CloseAnswer { save, discard, cancel };

// Asks, over the middle of frame.rect, what to do with unsaved work. open: start asking in this
// frame. Returns the answer once.
std::optional<CloseAnswer> draw_close_question(bool open, std::int64_t unsaved_steps,
                                               const char* target, const PanelFrame& frame);

// Asks to confirm something that would lose work. The widgets are `name` and name + "_cancel".
struct Question {
  std::string name;
  const char* title;
  std::string text;
  const char* yes;       // the button's label
  const char* yes_help;  // its tooltip
};

// Asks it over the middle of frame.rect; open as above. Returns the answer once.
std::optional<bool> draw_question(bool open, const Question& question, const PanelFrame& frame);

}  // namespace zscape
