#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/error.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/model/corruption.h"
#include "engine/progress.h"

namespace zscape {

// Estimates of log p(x) for each input, [N], float64, in nats. Only kinds with a prior have them;
// for cvae it is log p(x | label). Both add up in the log domain and work in pieces whose size does
// not grow with the number of samples ≥ 1. They rise to log p(x) in expectation as samples do, and
// end with ErrorCode::cancelled where progress says stop.

// log (1/n) Σ_i p(x|z_i) p(z_i) / q(z_i|x) with z_i ~ q(z|x) (Burda et al. 2016, equation 8). The
// draws of an input are a function of its counter in draws.
Expected<at::Tensor> importance_log_likelihood(const Autoencoder& model, const Batch& batch,
                                               int samples, const RowDraws& draws,
                                               const Progress& progress);

// log (1/n) Σ_i p(x|z_i) with z_i ~ p(z), the same z_i for all inputs, a function of the seed. Far
// below log p(x) unless n is very large, since few draws come near the codes of an input.
Expected<at::Tensor> prior_log_likelihood(const Autoencoder& model, const Batch& batch, int samples,
                                          std::uint64_t seed, const Progress& progress);

}  // namespace zscape
