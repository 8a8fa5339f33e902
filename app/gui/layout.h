#pragma once

#include <optional>

#include "app/gui/places.h"
#include "app/gui/view/frame/theme.h"

namespace zscape {

// Where each panel lies in the window.
struct Layout {
  Rect left;       // beside the latent view
  Rect latent;     // middle, the largest
  Rect time_line;  // one line below it
  Rect right;      // the whole height
  Rect lower;      // below left and latent view
  Rect status;     // one line at the bottom

  const Rect& of(Region region) const;
  bool shows(Region region) const { return of(region).size.x > 0 && of(region).size.y > 0; }
};

// Dragged sizes, in pixels at 100 %; none: the default.
struct LayoutSizes {
  std::optional<float> left;   // width
  std::optional<float> right;  // width
  std::optional<float> lower;  // height
  bool panels_hidden = false;

  bool operator==(const LayoutSizes&) const = default;
};

// Which region a border is the inner edge of.
enum class Border { left, right, lower };

// For a window of this size; scale: of text and measures. All rectangles have integer corners, lie
// in the window and do not overlap. Made for 1024×700 (times scale) and more; below that, sides and
// curves shrink to their least before the latent view does. Requested sizes are limited so that the
// latent view keeps its least size. Regions without panels are empty, and the latent view takes
// their room.
Layout layout_for(Vec2 window, float scale, const LayoutSizes& sizes = {},
                  Regions shown = regions_of(Place::explore));

// A border's strip between two panels.
Rect strip_of(const Layout& layout, Border border);

// sizes with this border moved by so many screen pixels (right or down is positive), as far as the
// window allows.
LayoutSizes moved(const LayoutSizes& sizes, Border border, float by, Vec2 window, float scale);

}  // namespace zscape
