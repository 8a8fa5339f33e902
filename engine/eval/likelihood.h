#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/error.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/model/corruption.h"
#include "engine/progress.h"

namespace zscape {

// Estimates of log p(x) for each input, [N], float64, in nats; log p(x | label) for cvae. Only
// kinds with a prior have them. Both sum in the log domain and work in pieces of fixed size. In
// expectation they rise to log p(x) with the number of samples ≥ 1. progress can cancel them.

// log (1/n) Σ_i p(x|z_i) p(z_i) / q(z_i|x) with z_i ~ q(z|x) (Burda et al. 2016, equation 8). An
// input's draws depend on its counter in `draws`.
Expected<at::Tensor> importance_log_likelihood(const Autoencoder& model, const Batch& batch,
                                               int samples, const RowDraws& draws,
                                               const Progress& progress);

// log (1/n) Σ_i p(x|z_i) with z_i ~ p(z), the same z_i for all inputs. Far below log p(x) unless n
// is very large, since few draws come near the codes of an input.
Expected<at::Tensor> prior_log_likelihood(const Autoencoder& model, const Batch& batch, int samples,
                                          std::uint64_t seed, const Progress& progress);

}  // namespace zscape
