#include "app/gui/view/latent/posteriors.h"

#include <algorithm>

namespace zscape {

std::optional<PlaneEllipse> posterior_in_plane(const Points& points, std::size_t point,
                                               const LatentPlane& plane) {
  const Codes* codes = points.codes();
  if (codes == nullptr || codes->sigma.empty() || point >= points.count()) return {};
  const auto latent = static_cast<std::size_t>(codes->latent);
  return plane.ellipse(std::span(codes->sigma).subspan(point * latent, latent));
}

void Posteriors::clear() {
  if (sigma_.empty()) return;
  from_.clear();
  to_.clear();
  sigma_.clear();
  turn_.clear();
  colors_.clear();
  of_ = {};
  ++revision_;
}

void Posteriors::update(const Points& points, const Coloring& coloring, const PointDimming& dimming,
                        const LatentPlane& plane, std::size_t most) {
  if (points.empty() || points.codes()->sigma.empty()) {
    clear();
    return;
  }
  const std::array<std::uint64_t, 3> of{points.revision(), coloring.revision(), dimming.revision()};
  if (of == of_ && most == most_) return;
  clear();
  of_ = of;
  most_ = most;
  ++revision_;
  const std::span<const std::size_t> selected = dimming.selected();
  const std::size_t count = dimming.any_selected() ? selected.size() : points.count();
  const std::size_t every = (count + most - 1) / most;
  std::vector<float> larger;
  for (std::size_t number = 0; number < count; number += every) {
    const std::size_t i = dimming.any_selected() ? selected[number] : number;
    if (dimming.dimmed()[i] != 0) continue;
    from_.push_back(points.from()[i]);
    to_.push_back(points.to()[i]);
    const PlaneEllipse ellipse = *posterior_in_plane(points, i, plane);
    sigma_.push_back(ellipse.sigma);
    turn_.push_back(ellipse.turn);
    colors_.push_back(coloring.entries()[i]);
    larger.push_back(std::max(sigma_.back().x, sigma_.back().y));
  }
  if (larger.empty()) return;
  const auto middle = larger.begin() + static_cast<std::ptrdiff_t>(larger.size() / 2);
  std::nth_element(larger.begin(), middle, larger.end());
  typical_ = *middle;
}

}  // namespace zscape
