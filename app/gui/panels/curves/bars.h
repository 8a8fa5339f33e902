#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/gui/panels/curves/plot.h"
#include "app/gui/view/frame/theme.h"

namespace zscape {

// Bars side by side, with an axis of values at their left.
struct Bars {
  std::string_view widget;
  const char* title = "";
  const char* unit = "";           // behind the title, muted
  const char* help = "";           // of the title
  std::span<const double> values;  // each ≥ 0
  ImU32 tint = color::kAccent;
  double least_top = 0;      // the axis reaches at least this value
  bool touching = false;     // a histogram's bars
  std::vector<Tick> places;  // labels below, by the index of the bar; empty: none
  // The tooltip of the bar under the pointer; null: none.
  std::function<std::string(int)> tell;
};

// Draws them in this rectangle, with title and labels. With more bars than pixels, each drawn bar
// is the highest of its neighbours. Returns the index under the pointer.
std::optional<int> draw_bars(const Bars& bars, const Rect& rect, const PanelFrame& frame);

}  // namespace zscape
