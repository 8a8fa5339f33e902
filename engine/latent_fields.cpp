#include "engine/latent_fields.h"

#include <algorithm>
#include <cmath>

namespace zscape {

MeanForce mean_force(const Forces& forces, double kl_weight) {
  const auto latent = static_cast<std::size_t>(forces.latent);
  const auto count = static_cast<std::size_t>(forces.count());
  const bool has_prior = !forces.sigma.empty();
  MeanForce result;
  result.mean.assign(latent, 0);
  result.standard_error.assign(latent, 0);
  if (has_prior) result.breathing.assign(latent, 0);
  if (count == 0) return result;
  std::vector<double> squares(latent, 0);
  for (std::size_t row = 0; row < count; ++row) {
    double length = 0;
    for (std::size_t i = 0; i < latent; ++i) {
      const std::size_t at = row * latent + i;
      const double pull =
          double{forces.pull_mean[at]} - (has_prior ? kl_weight * double{forces.mean[at]} : 0);
      result.mean[i] += pull;
      squares[i] += pull * pull;
      length += pull * pull;
      if (!has_prior) continue;
      const double sigma = forces.sigma[at];
      result.breathing[i] += sigma * forces.pull_sigma[at] - kl_weight * (sigma * sigma - 1);
    }
    result.typical += std::sqrt(length);
  }
  const auto n = static_cast<double>(count);
  double length = 0;
  for (std::size_t i = 0; i < latent; ++i) {
    result.mean[i] /= n;
    if (has_prior) result.breathing[i] /= n;
    const double variance = std::max(0.0, squares[i] / n - result.mean[i] * result.mean[i]);
    result.standard_error[i] = count > 1 ? std::sqrt(variance / (n - 1)) : 0;
    length += result.mean[i] * result.mean[i];
  }
  result.length = std::sqrt(length);
  result.typical /= n;
  return result;
}

std::array<float, 2> PlaneGrid::place(std::size_t at) const {
  const auto wide = static_cast<std::size_t>(columns);
  return {left + static_cast<float>(at % wide) * step, low + static_cast<float>(at / wide) * step};
}

std::vector<float> PlaneGrid::z() const {
  const std::size_t k = origin.size();
  std::vector<float> all;
  all.reserve(count() * k);
  for (std::size_t at = 0; at < count(); ++at) {
    const std::array<float, 2> where = place(at);
    for (std::size_t i = 0; i < k; ++i) {
      float value = origin[i];
      for (int axis = 0; axis < axes(); ++axis) {
        const auto direction = static_cast<std::size_t>(axis);
        value += where[direction] * directions[direction * k + i];
      }
      all.push_back(value);
    }
  }
  return all;
}

double stretch_of(std::span<const double> metric) {
  if (metric.size() == 1) return std::sqrt(std::max(0.0, metric[0]));
  return std::sqrt(std::max(0.0, metric[0] * metric[3] - metric[1] * metric[2]));
}

}  // namespace zscape
