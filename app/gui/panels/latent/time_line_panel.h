#pragma once

#include <cstdint>
#include <optional>

#include "app/gui/panels/latent/fork_menu.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/latent/time_line.h"

namespace zscape {

// What a person asked for that is not the time line's own to do.
struct TimeLineRequests {
  bool export_gif = false;
  std::optional<std::int64_t> train_on_from;  // a step of the past
  std::optional<Fork> fork;
};

// What it keeps from frame to frame beside the moment on show.
struct TimeLinePanelState {
  ForkMenuState fork;
};

// The past of the model on one line: a slider over its steps, replay, return to now, export and, in
// the past, ways to train on from there or to fork. snapshot: now; model: of it, null: there is
// none. exporting: a GIF is being made, so that the time line is not free.
TimeLineRequests draw_time_line_panel(TimeLine& time_line, TimeLinePanelState& state,
                                      const Snapshot& snapshot, const ModelView* model,
                                      bool exporting, const PanelFrame& frame);

}  // namespace zscape
