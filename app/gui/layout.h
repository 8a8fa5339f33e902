#pragma once

#include <optional>

#include "app/gui/view/frame/theme.h"

namespace zscape {

// Where each panel lies in the window.
struct Layout {
  Rect controls;               // left
  Rect latent;                 // middle, the largest
  Rect time_line;              // one line below it
  Rect preview;                // right, the whole height
  Rect curves;                 // below controls and latent view
  Rect status;                 // one line at the bottom
  bool panels_hidden = false;  // the latent view has the window; the others' rectangles are empty
};

// What the person has dragged the borders to, in pixels at 100 %; none: the default.
struct LayoutSizes {
  std::optional<float> controls;  // width
  std::optional<float> preview;   // width
  std::optional<float> curves;    // height
  bool panels_hidden = false;

  bool operator==(const LayoutSizes&) const = default;
};

// Between which panels a border runs.
enum class Border { controls, preview, curves };

// For a window of this size; scale: of text and measures. All rectangles have whole corners, lie in
// the window, and do not overlap. Made for 1024×700 (times scale) and more; below that sides and
// curves shrink to their least before the latent view gives way. Sizes asked for are held where
// they leave the latent view its least size, which is why they survive a window made small.
Layout layout_for(Vec2 window, float scale, const LayoutSizes& sizes = {});

// A border's strip between two panels.
Rect strip_of(const Layout& layout, Border border);

// sizes with this border moved by so many screen pixels (right or down is positive) from where it
// lies now, as far as the window allows.
LayoutSizes moved(const LayoutSizes& sizes, Border border, float by, Vec2 window, float scale);

}  // namespace zscape
