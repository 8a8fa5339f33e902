#pragma once

#include <string>

#include "app/gui/view/frame/theme.h"
#include "engine/snapshot.h"

namespace zscape {

// What only the window knows.
struct WindowFigures {
  double frames_per_second = 0;  // 0: the window sleeps
  std::string warning = {};      // of the codes; empty: none
};

// What was clicked in the line.
struct StatusRequests {
  bool settings = false;
  bool help = false;
  bool cancel = false;  // what the worker is doing
};

// One line: device, state, speed, step, epoch, λ, frames a second, what the worker is doing.
StatusRequests draw_status_panel(const Snapshot& snapshot, ModelId model,
                                 const WindowFigures& window, const PanelFrame& frame);

}  // namespace zscape
