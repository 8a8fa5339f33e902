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

// The same with the names of the series above, and axes: the number of the value, counted from 1,
// and the value itself, or deviations from its mean where the data are standardised.
void draw_vector_plot(ImDrawList& list, const Pictures& pictures,
                      std::span<const VectorSeries> series, const Rect& place, bool standardised,
                      const Theme& theme);

}  // namespace zscape
