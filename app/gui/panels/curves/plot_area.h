#pragma once

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

void draw_axes(const Theme& theme, const PlotArea& area, bool with_labels);

// The columns as one line, with dots of this radius on the points; 0: no dots.
void draw_line(const PlotArea& area, const std::vector<Column>& columns, ImU32 tint,
               float thickness, float dot_radius);

// A dashed line with the new value wherever λ changed. Of marks too close together, the last stays.
void draw_marks(const Theme& theme, const PlotArea& area, const std::vector<KlWeightMark>& marks);

void draw_crosshair(const Theme& theme, const PlotArea& area, double step);
void draw_dot(const Theme& theme, const PlotArea& area, double step, double value, ImU32 tint);
void draw_centred(const Theme& theme, const Rect& rect, const char* text);

}  // namespace zscape
