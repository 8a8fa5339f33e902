#pragma once

#include <optional>
#include <string>

#include "app/gui/places.h"
#include "app/gui/view/frame/theme.h"
#include "engine/snapshot.h"

namespace zscape {

// Figures that only the window knows.
struct WindowFigures {
  double frames_per_second = 0;  // 0: the window sleeps
  std::string warning = {};      // of the codes; empty: none
  bool hint = false;             // of the first start, in place of figures that can wait
  Place place = Place::explore;
};

// What was clicked in the line.
struct StatusRequests {
  bool settings = false;
  bool help = false;
  bool cancel = false;  // of the background job
  bool dismiss_hint = false;
  std::optional<Place> place = {};  // to go to
};

// Whether nothing is open since what was asked for could not be loaded.
bool has_failed(const Snapshot& snapshot);

// One line: state, step, epoch, speed, λ, the background job, frames per second and device.

StatusRequests draw_status_panel(const Snapshot& snapshot, ModelId model,
                                 const WindowFigures& window, const PanelFrame& frame);

}  // namespace zscape
