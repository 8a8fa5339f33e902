#include "app/gui/view/latent/density.h"

#include <algorithm>
#include <cmath>

namespace zscape {
namespace {

constexpr float kSigma = 2.5f;  // cells
constexpr int kReach = 8;       // cells; beyond, the kernel is all but 0

}  // namespace

void Density::clear() {
  if (values_.empty()) return;
  values_.clear();
  width_ = height_ = 0;
  ++revision_;
}

void Density::update(const Points& points, const HiddenLabels& hidden, const LatentView& view,
                     float scale) {
  if (!values_.empty() && points_revision_ == points.revision() && hidden_ == hidden &&
      view_.same_plane(view)) {
    return;
  }
  points_revision_ = points.revision();
  hidden_ = hidden;
  view_ = view;
  ++revision_;
  const float cell = kCell * scale;
  width_ = std::max(1, static_cast<int>(std::ceil(view.size.x / cell)));
  height_ = std::max(1, static_cast<int>(std::ceil(view.size.y / cell)));
  // Codes just outside the plot reach into it.
  const int columns = width_ + 2 * kReach, rows = height_ + 2 * kReach;
  std::vector<float> counts(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), 0);
  const std::span<const Vec2> places = points.to();
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (points.hidden(i, hidden)) continue;
    const Vec2 place = view.to_screen(places[i]);
    const float x = (place.x - view.origin.x) / cell + kReach;
    const float y = (place.y - view.origin.y) / cell + kReach;
    // Written so that what is no number falls out.
    if (!(x >= 0 && y >= 0 && x < static_cast<float>(columns) && y < static_cast<float>(rows))) {
      continue;
    }
    counts[static_cast<std::size_t>(y) * static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(x)] += 1;
  }
  blur(counts, columns, rows, kSigma);
  values_.resize(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_));
  float most = 0;
  for (int row = 0; row < height_; ++row) {
    const auto from = counts.begin() + std::ptrdiff_t{row + kReach} * columns + kReach;
    const auto to = values_.begin() + std::ptrdiff_t{row} * width_;
    std::copy(from, from + width_, to);
    most = std::max(most, *std::max_element(to, to + width_));
  }
  if (most <= 0) return;
  for (float& value : values_) value /= most;
}

// Separable: along the rows, then along the columns.
void Density::blur(std::vector<float>& counts, int columns, int rows, float sigma) const {
  std::vector<float> kernel;
  for (int i = -kReach; i <= kReach; ++i) {
    const float off = static_cast<float>(i) / sigma;
    kernel.push_back(std::exp(-off * off / 2));
  }
  const float* middle = kernel.data() + kReach;
  std::vector<float> across(counts.size(), 0);
  for (int row = 0; row < rows; ++row) {
    const float* from = counts.data() + std::ptrdiff_t{row} * columns;
    float* to = across.data() + std::ptrdiff_t{row} * columns;
    for (int column = 0; column < columns; ++column) {
      if (from[column] == 0) continue;  // most of the plot is empty
      for (int i = std::max(-kReach, -column); i <= std::min(kReach, columns - 1 - column); ++i) {
        to[column + i] += from[column] * middle[i];
      }
    }
  }
  std::fill(counts.begin(), counts.end(), 0.0f);
  for (int row = 0; row < rows; ++row) {
    const float* from = across.data() + std::ptrdiff_t{row} * columns;
    for (int i = std::max(-kReach, -row); i <= std::min(kReach, rows - 1 - row); ++i) {
      float* to = counts.data() + std::ptrdiff_t{row + i} * columns;
      for (int column = 0; column < columns; ++column) to[column] += middle[i] * from[column];
    }
  }
}

}  // namespace zscape
