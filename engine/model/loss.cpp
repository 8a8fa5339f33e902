#include "engine/model/loss.h"

#include <torch/torch.h>

#include <cmath>
#include <numbers>

namespace zscape {

at::Tensor reconstruction_loss(const ModelSpec& spec, const at::Tensor& logits,
                               const at::Tensor& x) {
  if (spec.likelihood == Likelihood::bernoulli) {
    return at::binary_cross_entropy_with_logits(logits, x, {}, {}, at::Reduction::None).sum(1);
  }
  const at::Tensor squares = (at::sigmoid(logits) - x).square();
  if (spec.likelihood == Likelihood::mse) return squares.mean(1);
  const double variance = spec.sigma * spec.sigma;
  const double constant =
      0.5 * static_cast<double>(x.size(1)) * std::log(2 * std::numbers::pi * variance);
  return squares.sum(1) / (2 * variance) + constant;
}

at::Tensor kl_divergence(const Posterior& posterior) {
  const at::Tensor& log_variance = posterior.log_variance;
  return 0.5 * (posterior.mean.square() + log_variance.exp() - log_variance - 1).sum(1);
}

}  // namespace zscape
