#include "app/gui/view/latent/density.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace zscape {
namespace {

constexpr float kNarrowest = 1, kWidest = 8;  // of the kernel, cells
constexpr float kReach = 3.2f;                // kernel widths; beyond, it is all but 0

double spread_of(std::vector<float>& values) {
  if (values.size() < 2) return 0;
  double sum = 0, squares = 0;
  for (const float value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const float value : values) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(values.size() - 1));
  const auto quantile = [&values](double part) {
    const auto at =
        values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return static_cast<double>(*at);
  };
  const double low = quantile(0.25), high = quantile(0.75);
  const double middle = (high - low) / 1.34;
  return middle > 0 ? std::min(deviation, middle) : deviation;
}

// Separable: along the rows, then along the columns.
void blur(std::vector<float>& counts, int columns, int rows, float sigma, int reach) {
  std::vector<float> kernel;
  for (int i = -reach; i <= reach; ++i) {
    const float off = static_cast<float>(i) / sigma;
    kernel.push_back(std::exp(-off * off / 2));
  }
  const float* middle = kernel.data() + reach;
  std::vector<float> across(counts.size(), 0);
  for (int row = 0; row < rows; ++row) {
    const float* from = counts.data() + std::ptrdiff_t{row} * columns;
    float* to = across.data() + std::ptrdiff_t{row} * columns;
    for (int column = 0; column < columns; ++column) {
      if (from[column] == 0) continue;  // most of the plot is empty
      for (int i = std::max(-reach, -column); i <= std::min(reach, columns - 1 - column); ++i) {
        to[column + i] += from[column] * middle[i];
      }
    }
  }
  std::fill(counts.begin(), counts.end(), 0.0f);
  for (int row = 0; row < rows; ++row) {
    const float* from = across.data() + std::ptrdiff_t{row} * columns;
    for (int i = std::max(-reach, -row); i <= std::min(reach, rows - 1 - row); ++i) {
      float* to = counts.data() + std::ptrdiff_t{row + i} * columns;
      for (int column = 0; column < columns; ++column) to[column] += middle[i] * from[column];
    }
  }
}

}  // namespace

Bandwidth bandwidth_of(const Points& points, const HiddenLabels& hidden) {
  std::vector<float> across, up;
  const std::span<const Vec2> places = points.to();
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (points.hidden(i, hidden) || !std::isfinite(places[i].x + places[i].y)) continue;
    across.push_back(places[i].x);
    up.push_back(places[i].y);
  }
  const std::size_t codes = across.size();
  double squares = 0, axes = 0;
  for (std::vector<float>* axis : {&across, &up}) {
    const double spread = spread_of(*axis);
    if (spread <= 0) continue;
    squares += spread * spread;
    ++axes;
  }
  if (axes == 0) return {0, codes};
  const double width =
      std::sqrt(squares / axes) * std::pow(static_cast<double>(codes), -1 / (4 + axes));
  return {static_cast<float>(std::min<double>(width, std::numeric_limits<float>::max())), codes};
}

void Density::clear() {
  if (values_.empty()) return;
  values_.clear();
  width_ = height_ = 0;
  ++revision_;
}

void Density::update(const Points& points, const HiddenLabels& hidden, const LatentView& view,
                     float scale) {
  const bool same_codes =
      !values_.empty() && points_revision_ == points.revision() && hidden_ == hidden;
  if (same_codes && view_.same_plane(view)) return;
  if (!same_codes) bandwidth_ = bandwidth_of(points, hidden);
  points_revision_ = points.revision();
  hidden_ = hidden;
  view_ = view;
  ++revision_;
  // As fine as can be seen, or as the kernel asks for; a run that diverges may ask for any width.
  const double wide = double{bandwidth_.width} * view.pixels_per_unit;
  const double finest = kCell * scale;
  cell_ = static_cast<float>(
      std::clamp(wide / kWidest, finest, std::max<double>({view.size.x, view.size.y, finest})));
  const auto sigma = static_cast<float>(std::clamp<double>(wide / cell_, kNarrowest, kWidest));
  const int reach = static_cast<int>(std::ceil(kReach * sigma));
  width_ = std::max(1, static_cast<int>(std::ceil(view.size.x / cell_)));
  height_ = std::max(1, static_cast<int>(std::ceil(view.size.y / cell_)));
  // Codes just outside the plot reach into it.
  const int columns = width_ + 2 * reach, rows = height_ + 2 * reach;
  std::vector<float> counts(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), 0);
  const std::span<const Vec2> places = points.to();
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (points.hidden(i, hidden)) continue;
    const Vec2 place = view.to_screen(places[i]);
    const float x = (place.x - view.origin.x) / cell_ + static_cast<float>(reach);
    const float y = (place.y - view.origin.y) / cell_ + static_cast<float>(reach);
    // Written so that what is no number falls out.
    if (!(x >= 0 && y >= 0 && x < static_cast<float>(columns) && y < static_cast<float>(rows))) {
      continue;
    }
    counts[static_cast<std::size_t>(y) * static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(x)] += 1;
  }
  blur(counts, columns, rows, sigma, reach);
  values_.resize(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_));
  float most = 0;
  for (int row = 0; row < height_; ++row) {
    const auto from = counts.begin() + std::ptrdiff_t{row + reach} * columns + reach;
    const auto to = values_.begin() + std::ptrdiff_t{row} * width_;
    std::copy(from, from + width_, to);
    most = std::max(most, *std::max_element(to, to + width_));
  }
  if (most <= 0) return;
  for (float& value : values_) value /= most;
}

}  // namespace zscape
