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

// Bars over a row of places, with an axis of values at their left.
struct Bars {
  std::string_view widget;
  const char* title = "";
  const char* unit = "";           // behind the title, muted
  const char* help = "";           // of the title
  std::span<const double> values;  // each ≥ 0
  ImU32 tint = color::kAccent;
  double least_top = 0;      // the axis reaches at least so far
  bool touching = false;     // a histogram's bars
  const char* empty = "";    // what is said where there are no values
  std::vector<Tick> places;  // labels below, by the index of the bar; empty: none
  // What is said of the bar under the pointer; null: nothing.
  std::function<std::string(int)> tell;
};

// Draws them in this rectangle, title and labels included. Where there are more bars than pixels
// allow, each drawn one is the highest of its neighbours. Returns the index under the pointer.
std::optional<int> draw_bars(const Bars& bars, const Rect& rect, const PanelFrame& frame);

}  // namespace zscape
