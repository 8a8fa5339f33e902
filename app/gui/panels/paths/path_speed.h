#pragma once

#include <imgui.h>

#include <optional>
#include <string_view>

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/paths/film.h"
#include "app/gui/view/paths/playback.h"

namespace zscape {

inline ImU32 fade_color() {
  return color::kMuted;
}

// The colour of a mode's line; also marks its strip.
ImU32 speed_color(PathMode mode);

std::string_view name_of(PathMode mode);  // "linear"
std::optional<PathMode> mode_named(std::string_view name);

// How the frames of a path fill rows of at most twelve, all of equal length.
struct StripRows {
  int columns = 1;
  int rows = 1;
};
StripRows strip_rows(int frames);

// A small plot of how far the picture moves from frame to frame, ‖x̂(t+1) − x̂(t)‖, for each mode and
// the cross-fade; a tooltip shows the values. width: of the strips above.
void draw_path_speed(const PanelFrame& frame, const Path& path, const Playback& playback,
                     float width);

}  // namespace zscape
