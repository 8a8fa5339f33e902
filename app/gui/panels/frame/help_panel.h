#pragma once

#include <span>

#include "app/gui/view/frame/theme.h"

namespace zscape {

// One input and what it does. Lines of a group follow each other.
struct HelpLine {
  const char* group;
  const char* input;  // "Ctrl-S"
  const char* does;
};

// A list of what mouse and keys do, over the whole window (frame.rect). The caller closes it.
void draw_help_panel(std::span<const HelpLine> lines, const PanelFrame& frame);

}  // namespace zscape
