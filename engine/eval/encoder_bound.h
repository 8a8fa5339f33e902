#pragma once

#include <ATen/core/Tensor.h>

#include "engine/error.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/progress.h"

namespace zscape {

// The bound of the encoder's own q(z|x), E_q log p(x, z) + the entropy of q, without sampling
// noise: by Gauss and Hermite's rule with 10 nodes along each of one or two latent dimensions. With
// a decoder that bends it misses a single bound by some hundredths of a nat, the mean of many by
// far less. [N], float64, nats. Shares its work among the calling thread's team.
Expected<at::Tensor> encoders_bound(const Autoencoder& model, const Batch& batch,
                                    const Posterior& posterior, const Progress& progress);

}  // namespace zscape
