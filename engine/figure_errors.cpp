#include "engine/figure_errors.h"

#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "engine/figures.h"
#include "engine/symmetric_matrix.h"

namespace zscape {
namespace {

constexpr int kMostDimensions = 256;  // whose covariance is taken apart

// How the aggregate KL, ½ (tr S + mᵀm − k − log det S), changes with the weight of each input, but
// for a constant: ½ tr((I − S⁻¹) (a aᵀ + diag σ²)) + mᵀa, a = μ − m.
std::vector<double> influences(const Codes& codes, std::span<const double> centre) {
  const auto k = static_cast<std::size_t>(codes.latent);
  const auto count = static_cast<std::size_t>(codes.count());
  std::vector<double> spread(k * k), a(k);
  const auto move_to = [&](std::size_t row) {
    for (std::size_t i = 0; i < k; ++i) a[i] = codes.mean[row * k + i] - centre[i];
  };
  for (std::size_t row = 0; row < count; ++row) {
    move_to(row);
    for (std::size_t i = 0; i < k; ++i) {
      const double sigma = codes.sigma[row * k + i];
      for (std::size_t j = 0; j < k; ++j) spread[i * k + j] += a[i] * a[j];
      spread[i * k + i] += sigma * sigma;
    }
  }
  for (double& value : spread) value /= static_cast<double>(count);
  const SymmetricEigen eigen = eigen_of_symmetric(spread, codes.latent);
  if (!(eigen.values.back() > 0)) return {};
  std::vector<double> result(count), inverse_diagonal(k);
  for (std::size_t j = 0; j < k; ++j) {
    for (std::size_t i = 0; i < k; ++i) {
      const double part = eigen.vectors[j * k + i];
      inverse_diagonal[i] += part * part / eigen.values[j];
    }
  }
  for (std::size_t row = 0; row < count; ++row) {
    move_to(row);
    double twice = 0, along_centre = 0;
    for (std::size_t j = 0; j < k; ++j) {
      double product = 0;
      for (std::size_t i = 0; i < k; ++i) product += eigen.vectors[j * k + i] * a[i];
      const double sigma = codes.sigma[row * k + j];
      twice += product * product * (1 - 1 / eigen.values[j]);
      twice += sigma * sigma * (1 - inverse_diagonal[j]);
      along_centre += centre[j] * a[j];
    }
    result[row] = twice / 2 + along_centre;
  }
  return result;
}

}  // namespace

double standard_error(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / (count - 1) / count);
}

FigureErrors figure_errors(const Codes& codes) {
  FigureErrors errors;
  const auto k = static_cast<std::size_t>(codes.latent);
  const auto count = static_cast<std::size_t>(codes.count());
  if (count < 2 || k == 0) return errors;
  const bool has_prior = codes.sigma.size() == codes.mean.size();
  std::vector<double> centre(k), squares(count), kl, sigma;  // all but the first of each input
  double all = 0;
  for (std::size_t row = 0; row < count; ++row) {
    for (std::size_t i = 0; i < k; ++i) {
      const double mean = codes.mean[row * k + i];
      centre[i] += mean / static_cast<double>(count);
      squares[row] += mean * mean / static_cast<double>(k);
    }
    all += squares[row] / static_cast<double>(count);
    if (!has_prior) continue;
    const auto means = std::span(codes.mean).subspan(row * k, k);
    const auto sigmas = std::span(codes.sigma).subspan(row * k, k);
    kl.push_back(posterior_kl(means, sigmas));
    sigma.push_back(std::accumulate(sigmas.begin(), sigmas.end(), 0.0) / static_cast<double>(k));
  }
  if (all > 0) errors.spread = standard_error(squares) / (2 * std::sqrt(all));
  if (!has_prior) return errors;
  errors.kl = standard_error(kl);
  errors.mean_sigma = standard_error(sigma);
  if (codes.latent > kMostDimensions) return errors;
  const std::vector<double> parts = influences(codes, centre);
  if (!parts.empty()) errors.aggregate_kl = standard_error(parts);
  return errors;
}

}  // namespace zscape
