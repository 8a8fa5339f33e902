#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"

namespace zscape {

// log p(x) by importance sampling, log (1/n) Σ_i p(x|z_i) p(z_i) / q(z_i|x) with z_i ~ q(z|x)
// (Burda et al. 2016, equation 8), for each input: [N], float64, in nats. Sampled in pieces, so
// that memory does not grow with n. Draws from the evaluation stream at this counter.
at::Tensor importance_log_likelihood(const Autoencoder& model, const Batch& batch, int samples,
                                     std::uint64_t seed, std::uint64_t counter);

}  // namespace zscape
