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

// The inside of a plot's axes, and the ranges that it shows.
struct PlotArea {
  Rect rect;
  Range steps;
  Range values;
  bool log = false;  // the value axis; values.low > 0 then

  float x_of(double step) const;
  float y_of(double value) const;
};

// The values' grid lines and labels, each with so many pixels at 100 %; in the small font.
void draw_value_ticks(const Theme& theme, const PlotArea& area, float room);
void draw_axes(const Theme& theme, const PlotArea& area, bool with_labels);

// The columns as one line, with dots of this radius on the points; 0: no dots.
void draw_line(const PlotArea& area, const std::vector<Column>& columns, ImU32 tint,
               float thickness, float dot_radius);

// The label of a line where λ changed, beside it and before the next line. Lines too close for that
// share one behind the last of them.
struct MarkLabel {
  std::string text;               // "λ 4", "λ: 3 changes"; empty: it has no room
  std::size_t begin = 0;          // its first mark, in the order of steps
  std::size_t marks = 1;          // and how many they are
  float first_x = 0, last_x = 0;  // of their lines on the screen
  float text_x = 0, width = 0;    // of the text
};
std::string mark_name(const KlWeightMark& mark);  // "λ 4", "warm-up 0→1"
std::vector<MarkLabel> label_marks(const Theme& theme, const PlotArea& area,
                                   const std::vector<KlWeightMark>& marks);

// The label whose lines or text are at this place of the screen; null: none.
const MarkLabel* label_at(const Theme& theme, std::span<const MarkLabel> labels, float x);

// A dashed line wherever λ changed, and the labels.
void draw_marks(const Theme& theme, const PlotArea& area, const std::vector<KlWeightMark>& marks,
                std::span<const MarkLabel> labels);

// A line through these places of the screen, clipped to the axes. dash: the length of its pieces;
// 0: it is solid.
void draw_path(const PlotArea& area, std::span<const ImVec2> places, ImU32 tint, float thickness,
               float dash);

void draw_crosshair(const Theme& theme, const PlotArea& area, double step);
void draw_dot(const Theme& theme, const PlotArea& area, double step, double value, ImU32 tint);
void draw_centred(const Theme& theme, const Rect& rect, const char* text);

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
