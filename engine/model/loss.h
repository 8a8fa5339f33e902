#pragma once

#include <ATen/core/Tensor.h>

#include "engine/model/autoencoder.h"

namespace zscape {

// The reconstruction term of the spec for each input, in nats (mse: mean square): [N].
// logits: [N, d], the decoder's output before the sigmoid; x: [N, d] in [0, 1].
at::Tensor reconstruction_loss(const ModelSpec& spec, const at::Tensor& logits,
                               const at::Tensor& x);

// KL(q(z|x) ‖ N(0, I)) = ½ Σ_i (μ_i² + σ_i² − log σ_i² − 1) for each input, in nats: [N]
// (Kingma and Welling 2014, appendix B). The posterior must have a log variance.
at::Tensor kl_divergence(const Posterior& posterior);

}  // namespace zscape
