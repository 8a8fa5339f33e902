#pragma once

#include <span>

#include "app/gui/view/frame/theme.h"

namespace zscape {

// One thing that a hand can do; lines of one group stand together.
struct HelpLine {
  const char* group;
  const char* input;  // "Ctrl-S"
  const char* does;
};

// Everything that mouse and keys do, over the whole window (frame.rect). The caller closes it.
void draw_help_panel(std::span<const HelpLine> lines, const PanelFrame& frame);

}  // namespace zscape
