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

// How many of Gauss and Hermite's nodes a bound takes along each dimension: 10, or 20. With a
// decoder that bends, 10 miss a single bound by some hundredths of a nat, the mean of many by far
// less.
enum class Fineness { usual, fine };

// The bound of the encoder's own q(z|x) by Gauss and Hermite's rule, without sampling noise. Only
// for one or two latent dimensions, like all of this file.
Expected<GaussianFit> encoders_gaussian(const Autoencoder& model, const Batch& batch,
                                        const Posterior& posterior, Fineness fineness,
                                        const Progress& progress);

enum class Covariance { diagonal, full };

// Where a search begins besides at its start.
struct GaussianStarts {
  at::Tensor mode = {};  // [N, k], where another search begins; undefined: none does
  // In place of the start's, [N, k] and [N, k, k]: near the goal. Then the mode is tried only where
  // it lies elsewhere. Undefined: the start's.
  at::Tensor mean = {}, factor = {};
};

// The q of that family with the highest bound, found from `start` on, whose bound is a fine one;
// its own, a fine one too, is never below. Natural gradient steps with E ∇² log p from Price's
// theorem (Opper and Archambeau 2009).
Expected<GaussianFit> best_gaussian(const Autoencoder& model, const Batch& batch,
                                    const GaussianFit& start, const GaussianStarts& also,
                                    Covariance covariance, const Progress& progress);

}  // namespace zscape
