#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "app/gui/view/latent/points.h"

namespace zscape {

// Codes that the tab Samples lists, as dots in the plot.
struct PlottedSamples {
  std::optional<PointRef> input;       // whose posterior they are drawn from; nothing: the prior
  std::vector<float> z;                // [n, k]; empty: there are none
  std::optional<std::size_t> listed;   // under the pointer in the list
  std::optional<std::size_t> pointed;  // under the pointer in the plot

  void clear() { *this = {}; }
};

}  // namespace zscape
