#pragma once

#include <ATen/core/Tensor.h>

#include "engine/model/autoencoder.h"

namespace zscape {

// The inputs of a batch's losses.
struct Scored {
  at::Tensor outputs;    // [N, d], the decoder's: logits if the spec has a sigmoid, else x̂
  at::Tensor x;          // [N, d], the clean target
  at::Tensor hidden;     // [N, d], 1 where mae's loss counts, else 0; undefined: all 1
  at::Tensor log_sigma;  // scalar, log s of the Gaussian; undefined: s is the spec's
};

// The mean over the scored inputs of squares [N, d], which are 0 at the others: [N].
at::Tensor mean_square(const ModelSpec& spec, const at::Tensor& squares);

// log s of the Gaussian that scores these best: s² is their mean squared error over all scored
// inputs (Rybkin et al. 2021). Scalar, without gradients: by s the loss has none there.
at::Tensor optimal_log_sigma(const ModelSpec& spec, const Scored& scored);

// The reconstruction term of the spec for each input, in nats (mse: mean square): [N].
at::Tensor reconstruction_loss(const ModelSpec& spec, const Scored& scored);

// KL(q(z|x) ‖ N(0, I)) = ½ Σ (μ_i² + σ_i² − log σ_i² − 1) for each input, in nats: [N] (Kingma and
// Welling 2014, appendix B). The posterior must have a log variance.
at::Tensor kl_divergence(const Posterior& posterior);

// log p(z) − log q(z|x) for z = μ + σ ⊙ noise: [N]. noise, z: [N, k].
at::Tensor log_prior_ratio(const Posterior& posterior, const at::Tensor& noise,
                           const at::Tensor& z);

// The importance-weighted bound log (1/K) Σ_i w_i for each input: [N] (Burda et al. 2016, equation
// 8). log_weights: [N, K], log w = log p(x|z) + λ (log p(z) − log q(z|x)); λ = 1 in the paper.
at::Tensor importance_bound(const at::Tensor& log_weights);

}  // namespace zscape
