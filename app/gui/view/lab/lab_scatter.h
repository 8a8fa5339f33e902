#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/codes.h"

namespace zscape {

// A model's codes as a thumbnail.
struct LabScatter {
  struct Dot {
    float x = 0, y = 0;  // in [0, 1], y upward
    int label = -1;
  };
  std::vector<Dot> dots;
  bool principal = false;  // along the principal axes of more than two dimensions
  std::string why_not;     // why there is none; empty: there is one
};
using LabScatterPtr = std::shared_ptr<const LabScatter>;

// The codes on a plane: both dimensions, or the two principal axes of more; of a single one, its
// value over the label. labels: of the rows of codes.indices; may be empty. Codes that are not
// finite are left out, and the outermost hundredth does not set the scale.
LabScatter scatter_of(const Codes& codes, const std::vector<int>& labels);

}  // namespace zscape
