#pragma once

#include <ATen/core/Tensor.h>

#include "engine/error.h"
#include "engine/figures.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/progress.h"

namespace zscape {

struct QuadratureSettings {
  double tolerance = 1e-3;  // of log p(x), in nats
  int most_halvings = 14;   // of the first tiles' width
};

struct ExactLikelihood {
  at::Tensor log_likelihood;  // [N], float64, nats; log p(x | label) for cvae
  // [N], float64, nats: four times how far the last halving of its tiles moved it, and what was
  // left out. An estimate: the true error is far smaller for a smooth decoder.
  at::Tensor error;
};

// log p(x) = log ∫ p(x|z) N(z; 0, I) dz for one or two latent dimensions, by adaptive quadrature:
// tiles cover the prior and all codes, with Gauss and Legendre's 8 nodes a dimension, and are
// halved for the inputs whose integrand has mass there until that changes nothing. A peak between
// the nodes of the first tiles and far from the input's code may be missed. posterior: the
// encoder's of the batch. Shares its work among the calling thread's team; progress can cancel it.
Expected<ExactLikelihood> exact_log_likelihood(const Autoencoder& model, const Batch& batch,
                                               const Posterior& posterior,
                                               const QuadratureSettings& settings,
                                               const Progress& progress);

}  // namespace zscape
