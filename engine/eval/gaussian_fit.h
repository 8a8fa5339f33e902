#pragma once

#include <ATen/core/Tensor.h>

#include "engine/error.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/progress.h"

namespace zscape {

// Gaussians over latent space, one for each of N inputs, and their bounds on log p(x).
struct GaussianFit {
  at::Tensor mean;    // [N, k], float64
  at::Tensor factor;  // [N, k, k], float64, lower triangular: covariance = factor · factorᵀ
  at::Tensor elbo;    // [N], float64, nats: E_q log p(x, z) + the entropy of q
};

// The bound of the encoder's own q(z|x) by Gauss and Hermite's rule, without sampling noise. Only
// for one or two latent dimensions, like all of this file.
Expected<GaussianFit> encoders_gaussian(const Autoencoder& model, const Batch& batch,
                                        const Posterior& posterior, const Progress& progress);

enum class Covariance { diagonal, full };

// The q of that family with the highest bound, found from `start` on; its bound is never below
// that of `start`. mode: [N, k], where another search begins; undefined: none does. Natural
// gradient steps with E ∇² log p from Price's theorem (Opper and Archambeau 2009).
Expected<GaussianFit> best_gaussian(const Autoencoder& model, const Batch& batch,
                                    const GaussianFit& start, const at::Tensor& mode,
                                    Covariance covariance, const Progress& progress);

}  // namespace zscape
