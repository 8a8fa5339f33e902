#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "app/gui/view/frame/places.h"
#include "app/gui/view/frame/theme.h"

namespace zscape {

// Which region a border is the inner edge of.
enum class Border { left, right, lower };
inline constexpr std::array kBorders = {Border::left, Border::right, Border::lower};

// Where each panel lies in the window.
struct Layout {
  Rect left;       // beside the latent view
  Rect latent;     // middle, the largest
  Rect time_line;  // one line below it
  Rect right;      // the whole height
  Rect lower;      // below left and latent view
  Rect page;       // a page to read, at the left of the latent view, in place of left and lower
  Rect status;     // one line at the bottom
  // Where a region is folded up, the rail that opens it, by Border: a narrow column, or beside the
  // time line. Else empty.
  std::array<Rect, kBorders.size()> rails;

  const Rect& rail(Border border) const { return rails[static_cast<std::size_t>(border)]; }
  const Rect& of(Region region) const;
  bool shows(Region region) const { return of(region).size.x > 0 && of(region).size.y > 0; }
};

// Whether the region of each border is open or folded up; none: as the window's size suggests.
struct OpenRegions {
  std::array<std::optional<bool>, kBorders.size()> by_border;

  std::optional<bool>& of(Border border) { return by_border[static_cast<std::size_t>(border)]; }
  std::optional<bool> of(Border border) const {
    return by_border[static_cast<std::size_t>(border)];
  }
  bool operator==(const OpenRegions&) const = default;
};

// Dragged sizes, in pixels at 100 %; none: the default.
struct LayoutSizes {
  std::optional<float> left;   // width
  std::optional<float> right;  // width
  std::optional<float> lower;  // height
  bool panels_hidden = false;
  OpenRegions open = {};

  bool operator==(const LayoutSizes&) const = default;
};

// For a window of this size; scale: of text and measures. All rectangles have integer corners, lie
// in the window and do not overlap. Made for 1024×700 (times scale) and more; below that, sides and
// curves shrink to their least before the latent view does. In a low window the lower region is
// folded up by default, in a narrow one the right region too, so that the latent view has half of
// the window at 1024×700 and 1366×768. Requested sizes are limited so that the latent view keeps
// its least size. Regions without panels are empty, and the latent view takes their room.
Layout layout_for(Vec2 window, float scale, const LayoutSizes& sizes = {},
                  Regions shown = regions_of(Place::explore));

// A border's strip between two panels; empty where its region is folded up.
Rect strip_of(const Layout& layout, Border border);

// sizes with this border moved by so many screen pixels (right or down is positive), as far as the
// window allows.
LayoutSizes moved(const LayoutSizes& sizes, Border border, float by, Vec2 window, float scale);

}  // namespace zscape
