#include "app/gui/view/latent/class_means.h"

#include <algorithm>
#include <limits>

namespace zscape {

void ClassMeans::update(const Points& points, int classes) {
  classes = std::min(classes, kMaxLabels);
  if (revision_ == points.revision() && classes == this->classes()) return;
  revision_ = points.revision();
  latent_ = points.codes() ? static_cast<std::size_t>(points.codes()->latent) : 0;
  const auto size = static_cast<std::size_t>(classes);
  count_.assign(size, 0);
  from_.assign(size, {});
  to_.assign(size, {});
  std::vector<double> sum(size * latent_, 0);
  const std::span<const std::uint16_t> labels = points.labels();
  for (std::size_t i = 0; i < points.count(); ++i) {
    const std::size_t label = labels[i];
    if (label >= size) continue;
    ++count_[label];
    const std::span<const float> mean = points.mean(i);
    for (std::size_t j = 0; j < latent_; ++j) sum[label * latent_ + j] += mean[j];
    for (auto [all, one] : {std::pair{&from_, points.from()}, std::pair{&to_, points.to()}}) {
      (*all)[label] = (*all)[label] + one[i];
    }
  }
  mean_.assign(sum.size(), 0);
  for (std::size_t label = 0; label < size; ++label) {
    if (count_[label] == 0) continue;
    const double share = 1.0 / count_[label];
    for (std::size_t j = label * latent_; j < (label + 1) * latent_; ++j) {
      mean_[j] = static_cast<float>(sum[j] * share);
    }
    for (Vec2* place : {&from_[label], &to_[label]}) *place = static_cast<float>(share) * *place;
  }
}

std::span<const float> ClassMeans::mean(int label) const {
  return std::span(mean_).subspan(static_cast<std::size_t>(label) * latent_, latent_);
}

Vec2 ClassMeans::position(int label, float mix) const {
  const Vec2 from = from_[static_cast<std::size_t>(label)];
  const Vec2 to = to_[static_cast<std::size_t>(label)];
  return from + mix * (to - from);
}

int ClassMeans::nearest(std::span<const float> z) const {
  int best = -1;
  float least = std::numeric_limits<float>::infinity();
  for (int label = 0; label < classes(); ++label) {
    if (count(label) == 0) continue;
    const std::span<const float> center = mean(label);
    float squares = 0;
    for (std::size_t j = 0; j < latent_; ++j) squares += (z[j] - center[j]) * (z[j] - center[j]);
    if (squares < least) {
      least = squares;
      best = label;
    }
  }
  return best;
}

}  // namespace zscape
