#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "app/gui/view/latent/latent_view.h"
#include "app/gui/view/latent/picking_grid.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

// A closed polygon in the latent plane, for tests of very many points: its edges are sorted into
// horizontal slabs, so a point meets only those at its height. Even-odd rule.
class Lasso {
 public:
  explicit Lasso(std::span<const Vec2> corners);

  bool contains(Vec2 point) const;
  const Box& bounds() const { return bounds_; }  // empty: low above high

 private:
  struct Edge {
    Vec2 from;
    Vec2 to;
  };
  std::size_t slab_of(float y) const;

  Box bounds_;
  std::vector<std::uint32_t> begins_;  // [slabs + 1]: where each slab's edges begin
  std::vector<Edge> edges_;
};

// A pointer this near to a point means the point.
inline constexpr float kSnapPixels = 8;

struct Picked {
  std::size_t point = 0;  // which of the Points
  float distance = 0;     // to where it is drawn, pixels
};

// The point drawn nearest to a place on the screen, of a shown label. Checks every point: 60,000
// take about 0.1 ms.
std::optional<Picked> nearest_point(const Points& points, const LatentView& view, Vec2 screen,
                                    const HiddenLabels& hidden);

// The point whose code is nearest to z in all coordinates, of a shown label. Checks every point.
std::optional<std::size_t> nearest_code(const Points& points, std::span<const float> z,
                                        const HiddenLabels& hidden);

// Finds points on the screen: with a grid while many are at rest, else by checking all. Builds the
// grid over several frames, so that none waits. Lives on the window's thread.
class Picker {
 public:
  static constexpr std::size_t kFew = 8192;  // as quickly looked at as a grid is made

  // Once a frame, before it is asked.
  void follow(const Points& points);
  bool has_grid(const Points& points) const;

  // As nearest_point(), but within so many pixels.
  std::optional<Picked> nearest(const Points& points, const LatentView& view, Vec2 screen,
                                const HiddenLabels& hidden,
                                float reach = std::numeric_limits<float>::infinity()) const;

  // The points in a box with its border, or within a lasso, of shown labels; rising.
  std::vector<std::size_t> inside(const Points& points, const Box& box,
                                  const HiddenLabels& hidden) const;
  std::vector<std::size_t> inside(const Points& points, const Lasso& lasso,
                                  const HiddenLabels& hidden) const;

 private:
  template <class Holds>
  std::vector<std::size_t> inside(const Points& points, const Box& box, const HiddenLabels& hidden,
                                  Holds holds) const;

  PickingGrid grid_;
  std::uint64_t revision_ = 0;  // of the points in the grid
};

// Where a point is drawn in a plane or, with a camera, in space.
Vec2 screen_of_point(const Points& points, const LatentView& view, std::size_t point);

// In a view with a camera: the front point whose disc is within reach pixels, else the one drawn
// nearest; of shown labels. Checks every point: 70,000 take about 0.2 ms.
std::optional<Picked> nearest_in_space(const Points& points, const LatentView& view, Vec2 screen,
                                       const HiddenLabels& hidden, float reach);

// The points drawn within a box or lasso (corners as from LatentView::to_latent()), in front of the
// eye, of shown labels; rising.
std::vector<std::size_t> inside_in_space(const Points& points, const LatentView& view,
                                         const Box& box, const HiddenLabels& hidden);
std::vector<std::size_t> inside_in_space(const Points& points, const LatentView& view,
                                         const Lasso& lasso, const HiddenLabels& hidden);

}  // namespace zscape
