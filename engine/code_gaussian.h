#pragma once

#include <span>
#include <vector>

#include "engine/codes.h"

namespace zscape {

// The Gaussian with the mean and the covariance of the codes' μ: what stands in for a prior where a
// model has none (the simplest ex-post density estimate of Ghosh et al., "From variational to
// deterministic autoencoders", 2020). k = latent dimensions.
struct CodeGaussian {
  int latent = 0;
  std::vector<double> mean;    // [k]
  std::vector<double> factor;  // [k, k], lower triangular: covariance = factor · factorᵀ

  // mean + factor · ε for each row of noise: [n, k] → [n, k].
  std::vector<float> drawn(std::span<const float> noise) const;
};

// Above this many dimensions it has a diagonal covariance.
inline constexpr int kMostCorrelated = 512;

// Of all codes, or of an even sample where it would take more than a second. Codes that are not
// finite are left out. Without codes it is N(0, 0).
CodeGaussian fit_code_gaussian(const Codes& codes);

}  // namespace zscape
