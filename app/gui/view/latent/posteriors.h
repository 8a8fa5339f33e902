#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "app/gui/view/latent/coloring.h"
#include "app/gui/view/latent/points.h"
#include "app/gui/view/latent/selection.h"

namespace zscape {

// A point's posterior at 1 σ as the plot shows it; none for models without a prior.
std::optional<PlaneEllipse> posterior_in_plane(const Points& points, std::size_t point,
                                               const LatentPlane& plane);

// The points whose posteriors are drawn as ellipses: the selected ones, else all; of more than
// 10,000 an even part. Lives on the window's thread.
class Posteriors {
 public:
  static constexpr std::size_t kMost = 10000;

  // Leaves out those that the dimming hides.
  void update(const Points& points, const Coloring& coloring, const PointDimming& dimming,
              const LatentPlane& plane, std::size_t most = kMost);
  void clear();

  std::size_t count() const { return sigma_.size(); }
  std::span<const Vec2> from() const { return from_; }
  std::span<const Vec2> to() const { return to_; }
  std::span<const Vec2> sigma() const { return sigma_; }  // [n], latent units, along its own axes
  std::span<const Vec2> turn() const { return turn_; }    // [n], as PlaneEllipse has it
  std::span<const std::uint8_t> colors() const { return colors_; }
  float typical_sigma() const { return typical_; }  // the larger axis of the median ellipse
  std::uint64_t revision() const { return revision_; }

 private:
  std::array<std::uint64_t, 3> of_{};  // revisions of points, colours and dimming
  std::size_t most_ = 0;
  std::vector<Vec2> from_, to_, sigma_, turn_;
  std::vector<std::uint8_t> colors_;
  float typical_ = 0;
  std::uint64_t revision_ = 0;
};

}  // namespace zscape
