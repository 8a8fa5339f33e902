#pragma once

#include "app/gui/view/theme.h"

namespace zscape {

// Where each panel lies in the window.
struct Layout {
  Rect controls;   // left
  Rect latent;     // middle, the largest
  Rect time_line;  // one line below it
  Rect preview;    // right, the whole height
  Rect curves;     // below controls and latent view
  Rect status;     // one line at the bottom
};

// For a window of this size; scale: of the display. All rectangles have whole corners, lie in the
// window, and do not overlap. Made for 1024×700 (times scale) and more; below that the latent view
// gives way first.
Layout layout_for(Vec2 window, float scale);

}  // namespace zscape
