#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/view/frame/theme.h"
#include "engine/snapshot.h"

namespace zscape {

// One line on show.
struct ShownNotice {
  std::string text;
  bool is_error = false;
  double since_s = 0;
};

struct NoticesPanelState {
  std::uint64_t last_number = 0;   // of the newest engine notice taken over
  std::vector<ShownNotice> shown;  // oldest first
};

// Shows something that the window itself has to say (a screenshot not written, …).
void add_notice(NoticesPanelState& state, std::string text, bool is_error, double time_s);

// Draws the newest notices as lines stacked upwards from the bottom of frame.rect, above all other
// panels. Errors stay until dismissed; infos fade after some seconds. Returns after how many
// seconds it wants to be drawn again though nothing else happens.
std::optional<double> draw_notices_panel(const Snapshot& snapshot, NoticesPanelState& state,
                                         const PanelFrame& frame);

}  // namespace zscape
