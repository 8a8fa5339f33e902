#pragma once

#include <optional>

#include "app/gui/layout.h"

namespace zscape {

// The borders between panels as handles: drag to resize, double-click for the default size, click
// the tab in the middle to fold a region up. Its rail opens it again.
class Splitters {
 public:
  // Draws them in the gaps of this layout and changes sizes while the user drags. Call within a
  // Dear ImGui frame, before the panels.
  void draw(const Layout& layout, LayoutSizes& sizes, Vec2 window, const Theme& theme,
            WidgetMap& widgets, double time_s);

  // When a frame is wanted although nothing happens; 0: none.
  double due_s() const { return fold_ ? fold_->due_s : 0; }

 private:
  // A click on a tab waits until it can no longer become a double click.
  struct Fold {
    Border border;
    double due_s = 0;
  };
  struct Drag {
    Border border;
    float pressed_at = 0;    // along the border's way
    LayoutSizes sizes_then;  // the drag is computed from where it began
    bool on_tab = false;
  };
  void rail(Border border, const Layout& layout, LayoutSizes& sizes, const Theme& theme,
            WidgetMap& widgets);
  void handle(Border border, const Layout& layout, LayoutSizes& sizes, Vec2 window,
              const Theme& theme, WidgetMap& widgets);

  std::optional<Drag> drag_;
  std::optional<Fold> fold_;
  double time_s_ = 0;
};

// Software rendering pays for every pixel drawn twice: there the window is cleared to the panels'
// colour, and only the gaps between panels, with their rounded corners, are drawn. Call within a
// Dear ImGui frame, before the panels.
void draw_gaps(const Layout& layout, Vec2 window);

}  // namespace zscape
