#pragma once

#include <cstddef>
#include <optional>

#include "app/gui/panels/latent/latent_draw.h"

namespace zscape {

// The tools of the latent view. They select points by a box or a lasso (Shift-drag,
// Shift-Ctrl-drag, or the select tool) or by clicks.

// The buttons in the row of the toolbar, and their keys. leave_tool() does what Esc does; false:
// there was nothing to leave.
void draw_tools(const LatentDraw& draw);
float tools_width(const LatentDraw& draw);  // pixels
void handle_tool_keys(const LatentDraw& draw);
bool leave_tool(const LatentDraw& draw);

inline bool selects(const PlotDrag& drag) {
  return drag.kind == PlotDrag::Kind::box || drag.kind == PlotDrag::Kind::lasso;
}

// Makes the left press a selecting one where tool or keys say so; false: it is something else.
bool begin_selecting(const LatentDraw& draw);
void continue_selecting(const LatentDraw& draw);
void finish_selecting(const LatentDraw& draw);

// A selecting press that did not travel, on a point or beside all.
void click_selects(const LatentDraw& draw, std::optional<std::size_t> point);

// The outline in hand, and the inputs that lists point at.
void draw_selecting(const LatentDraw& draw, ImDrawList& list);

}  // namespace zscape
