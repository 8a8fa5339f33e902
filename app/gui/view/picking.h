#pragma once

#include <cstddef>
#include <optional>

#include "app/gui/view/points.h"

namespace zscape {

// A pointer this near to a point means the point.
inline constexpr float kSnapPixels = 8;

struct Picked {
  std::size_t point = 0;  // which of the Points
  float distance = 0;     // to where it is drawn, pixels
};

// The point drawn nearest to a place on the screen, among those whose label is shown. Looks at
// every point: 60,000 take about 0.1 ms.
std::optional<Picked> nearest_point(const Points& points, const LatentView& view, Vec2 screen,
                                    const HiddenLabels& hidden);

}  // namespace zscape
