#pragma once

#include <string>

#include "app/gui/view/frame/theme.h"
#include "engine/snapshot.h"

namespace zscape {

// Figures that only the window knows.
struct WindowFigures {
  double frames_per_second = 0;  // 0: the window sleeps
  std::string warning = {};      // of the codes; empty: none
  bool hint = false;             // of the first start, in place of figures that can wait
  bool in_lab = false;           // the place on show is Lab, else Explore
};

// What was clicked in the line.
struct StatusRequests {
  bool settings = false;
  bool help = false;
  bool cancel = false;  // of the background job
  bool dismiss_hint = false;
  bool switches_place = false;  // between Explore and Lab
};

// Whether nothing is open since what was asked for could not be loaded.
bool has_failed(const Snapshot& snapshot);

// One line: state, step, epoch, speed, λ, the background job, frames per second and device.

StatusRequests draw_status_panel(const Snapshot& snapshot, ModelId model,
                                 const WindowFigures& window, const PanelFrame& frame);

}  // namespace zscape
