#pragma once

#include <imgui.h>

#include <optional>
#include <span>
#include <string_view>

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/paths/film.h"
#include "app/gui/view/paths/playback.h"

namespace zscape {

// How the line of a mode, or of the cross-fade, is drawn. Dashes tell them apart, since colours are
// taken by the classes.
struct PathLineStyle {
  ImU32 tint;
  float dash = 0, gap = 0;  // pixels at 100 %; 0: unbroken
};
PathLineStyle style_of(PathMode mode, bool chosen);
inline PathLineStyle style_of_fade() {
  return {color::kMuted};
}
void draw_styled_line(ImDrawList& list, const Theme& theme, std::span<const ImVec2> line,
                      const PathLineStyle& style, float thickness);

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
