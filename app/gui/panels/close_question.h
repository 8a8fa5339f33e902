#pragma once

#include <cstdint>
#include <optional>

#include "app/gui/view/theme.h"

namespace zscape {

enum class CloseAnswer { save, discard, cancel };

// Asks, over the middle of frame.rect, what to do with work that would be lost. open: begin to ask
// in this frame. Returns the answer once.
std::optional<CloseAnswer> draw_close_question(bool open, std::int64_t unsaved_steps,
                                               const char* target, const PanelFrame& frame);

// What to click first, in a corner of the plot (frame.rect). Returns whether it was dismissed.
bool draw_first_hint(const PanelFrame& frame);

}  // namespace zscape
