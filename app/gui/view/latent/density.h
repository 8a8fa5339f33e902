#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/gui/view/latent/latent_view.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

// How wide the kernel is, by Scott's rule for so many codes: their spread · n^(-1 / (4 + axes)).
// The spread is robust as Silverman advises, the least of standard deviation and interquartile
// range / 1.34, over both axes of the plane; axes without spread do not count.
struct Bandwidth {
  float width = 0;  // standard deviation of the kernel, latent units
  std::size_t codes = 0;
};
Bandwidth bandwidth_of(const Points& points, const HiddenLabels& hidden);

// The kernel density of the codes on a raster of the screen. Lives on the window's thread.
class Density {
 public:
  static constexpr float kCell = 4;  // a value's least side, pixels at 100 %

  // Covers the points that the legend shows, where their motion ends; does nothing if nothing
  // changed. scale: of the display.
  void update(const Points& points, const HiddenLabels& hidden, const LatentView& view,
              float scale);
  void clear();

  int width() const { return width_; }
  int height() const { return height_; }
  float cell() const { return cell_; }  // a value's side, pixels: coarser under a wide kernel
  const Bandwidth& bandwidth() const { return bandwidth_; }
  std::span<const float> values() const { return values_; }  // [height, width], up first, in [0, 1]
  std::uint64_t revision() const { return revision_; }

 private:
  int width_ = 0;
  int height_ = 0;
  float cell_ = kCell;
  Bandwidth bandwidth_;
  std::vector<float> values_;
  std::uint64_t revision_ = 0;
  std::uint64_t points_revision_ = 0;
  HiddenLabels hidden_;
  LatentView view_;
};

}  // namespace zscape
