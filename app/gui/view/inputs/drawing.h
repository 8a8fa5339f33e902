#pragma once

#include <cstdint>
#include <vector>

#include "app/gui/view/latent/latent_view.h"
#include "engine/dataset.h"

namespace zscape {

// Ink on a square canvas, drawn with a round brush. Coordinates in [0, 1], y down.
struct Drawing {
  static constexpr float kBrush = 0.042F;  // radius: strokes as thick as MNIST's

  std::vector<std::vector<Vec2>> strokes;  // each at least one point

  bool empty() const { return strokes.empty(); }
};

// Grey values, row by row from the top.
struct GreyImage {
  int width = 0;
  int height = 0;
  std::vector<float> values;  // [height, width], in [0, 1]; 1 is ink
};

// The drawing's ink on a square of side × side pixels, edges one pixel wide.
GreyImage rasterise(const Drawing& drawing, int side);

// Shaped as MNIST's digits were for 28×28 (LeCun et al. 1998): the box of the ink is scaled to
// 20/28 of the picture, proportions kept, with its centre of mass in the middle. Without ink:
// empty. All channels are equal.
std::vector<std::uint8_t> centred_like_mnist(const GreyImage& image, const ImageShape& shape);

// The whole image, resized by area averages.
std::vector<std::uint8_t> resized(const GreyImage& image, const ImageShape& shape);

// Light ink on a dark ground, as the data have it: inverts dark on light, judged by the border.
void make_ink_light(GreyImage& image);

}  // namespace zscape
