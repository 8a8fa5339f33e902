#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/gui/view/theme.h"

namespace zscape {

enum class CloseAnswer { save, discard, cancel };

// Asks, over the middle of frame.rect, what to do with work that would be lost. open: begin to ask
// in this frame. Returns the answer once.
std::optional<CloseAnswer> draw_close_question(bool open, std::int64_t unsaved_steps,
                                               const char* target, const PanelFrame& frame);

enum class ReplaceAnswer { replace, cancel };

// Asks whether a file that is there already may be written over. The rest as above.
std::optional<ReplaceAnswer> draw_replace_question(bool open, const std::string& path,
                                                   const PanelFrame& frame);

// What to click first, in a corner of the plot (frame.rect). Returns whether it was dismissed.
bool draw_first_hint(const PanelFrame& frame);

}  // namespace zscape
