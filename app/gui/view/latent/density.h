#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/gui/view/latent/latent_view.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

// The kernel density of the codes on a raster of the screen. Lives on the window's thread.
class Density {
 public:
  static constexpr float kCell = 4;  // a value's side, pixels at 100 %

  // Covers the points that the legend shows, where their motion ends; does nothing if nothing
  // changed. scale: of the display.
  void update(const Points& points, const HiddenLabels& hidden, const LatentView& view,
              float scale);
  void clear();

  int width() const { return width_; }
  int height() const { return height_; }
  std::span<const float> values() const { return values_; }  // [height, width], up first, in [0, 1]
  std::uint64_t revision() const { return revision_; }

 private:
  void blur(std::vector<float>& counts, int columns, int rows, float sigma) const;

  int width_ = 0;
  int height_ = 0;
  std::vector<float> values_;
  std::uint64_t revision_ = 0;
  std::uint64_t points_revision_ = 0;
  HiddenLabels hidden_;
  LatentView view_;
};

}  // namespace zscape
