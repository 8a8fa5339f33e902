#pragma once

#include <imgui.h>

#include <span>
#include <string>
#include <vector>

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/pictures.h"
#include "engine/dataset.h"

namespace zscape {

// Inputs that are rows of numbers instead of images are drawn as lines over the number of the
// value or, where these are few and have room, as bars.

inline bool is_vector(const ImageShape& shape) {
  return shape.height == 1 && shape.channels == 1 && shape.width > 1;
}

// One row of numbers of a sheet of pictures. Where several share a place, the first is the input
// and the others are what a model makes of it.
struct VectorSeries {
  PictureSlot slot = kNoPicture;
  ImU32 tint = 0;
  std::string name = {};
};
inline ImU32 input_tint() {
  return color::kMuted;
}
inline ImU32 output_tint() {
  return color::kAccent;
}

// The values of a row, in [0, 1] as pictures have them; empty for kNoPicture.
std::vector<float> vector_values(const Pictures& pictures, PictureSlot slot);

// The series over one another on a ground of their own, without an axis.
void draw_vectors(ImDrawList& list, const Pictures& pictures, std::span<const VectorSeries> series,
                  const Rect& place);

// What the values of the data's rows are called and measured in.
struct VectorValues {
  std::span<const std::string> names = {};  // of each value; empty: they have none
  bool standardised = false;                // deviations from the mean of each
};
VectorValues values_of(const Dataset& data);

// The same with the names of the series above, and axes: the name of the value, cut where it has no
// room, or its number, counted from 1, and the value itself, or deviations from its mean where the
// data are standardised. Returns where the values stand.
Rect draw_vector_plot(ImDrawList& list, const Pictures& pictures,
                      std::span<const VectorSeries> series, const Rect& place,
                      const VectorValues& values, const Theme& theme);

// With the pointer over such a plot: a line through the value under it, and a tooltip with its
// whole name and what each series has there. inside: of draw_vector_plot().
void show_value_under_pointer(const PanelFrame& frame, const Pictures& pictures,
                              std::span<const VectorSeries> series, const Rect& inside,
                              const VectorValues& values);

}  // namespace zscape
