#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/gui/view/frame/theme.h"

namespace zscape {

enum class CloseAnswer { save, discard, cancel };

// Asks, over the middle of frame.rect, what to do with work that would be lost. open: begin to ask
// in this frame. Returns the answer once.
std::optional<CloseAnswer> draw_close_question(bool open, std::int64_t unsaved_steps,
                                               const char* target, const PanelFrame& frame);

// Something that would lose work, and shall be meant. The widgets are `name` and name + "_cancel".
struct Question {
  std::string name;
  const char* title;
  std::string text;
  const char* yes;       // the button's label
  const char* yes_help;  // its tooltip
};

// Asks it, over the middle of frame.rect; open as above. Returns once whether it is meant.
std::optional<bool> draw_question(bool open, const Question& question, const PanelFrame& frame);

// What to click first, in a corner of the plot (frame.rect). Returns whether it was dismissed.
bool draw_first_hint(const PanelFrame& frame);

}  // namespace zscape
