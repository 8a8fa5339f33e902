#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// A mixture of Gaussians of any covariance, float64.
struct GaussianMixture {
  at::Tensor weight;      // [c], sum 1
  at::Tensor mean;        // [c, k]
  at::Tensor covariance;  // [c, k, k]

  at::Tensor log_density(const at::Tensor& points) const;  // [n, k] → [n]
  // So many draws by the seed's evaluation stream: [count, k] float64.
  at::Tensor draws(std::int64_t count, std::uint64_t seed, std::uint64_t counter) const;
};

// The Gaussian with the points' mean and covariance. points: [n, k], n ≥ 1.
GaussianMixture fitted_gaussian(const at::Tensor& points);

// Fitted by k-means, whose centres the seed chooses (Arthur and Vassilvitskii 2007), and then by
// expectation and maximisation until the mean log density rises by less than 1e-4, 100 rounds at
// most (Dempster, Laird and Rubin 1977). A thousandth of the points' mean variance is added to each
// variance, so that no component collapses on a point. At most as many components as points.
Expected<GaussianMixture> fitted_mixture(const at::Tensor& points, std::int64_t components,
                                         std::uint64_t seed, std::uint64_t counter,
                                         const Progress& progress);

}  // namespace zscape
