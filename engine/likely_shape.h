#pragma once

#include <cmath>

#include "engine/dataset.h"

namespace zscape {

// The picture that a row of so many numbers most likely is: square, grey or of three colours.
inline ImageShape likely_shape(int inputs) {
  const auto side_of = [](int pixels) {
    const int side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(pixels))));
    return side * side == pixels ? side : 0;
  };
  if (const int side = side_of(inputs); side > 0) return {side, side, 1};
  if (inputs % 3 == 0) {
    if (const int side = side_of(inputs / 3); side > 0) return {side, side, 3};
  }
  return {1, inputs, 1};
}

}  // namespace zscape
