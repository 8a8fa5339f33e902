#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/view/frame/theme.h"
#include "engine/snapshot.h"

namespace zscape {

// A notice on show.
struct ShownNotice {
  std::string text;
  bool is_error = false;
  double since_s = 0;
};

struct NoticesPanelState {
  std::uint64_t last_number = 0;   // of the newest notice of the engine so far
  std::vector<ShownNotice> shown;  // oldest first
};

// Shows a notice of the window itself, such as a screenshot that could not be written.
void add_notice(NoticesPanelState& state, std::string text, bool is_error, double time_s);

// Stacks the newest notices upwards from the bottom of frame.rect, above all panels. Errors stay
// until dismissed; others fade after some seconds. Returns after how many seconds it must be drawn
// again, even if nothing else happens.
std::optional<double> draw_notices_panel(const Snapshot& snapshot, NoticesPanelState& state,
                                         const PanelFrame& frame);

}  // namespace zscape
