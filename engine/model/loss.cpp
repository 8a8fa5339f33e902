#include "engine/model/loss.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <numbers>

namespace zscape {

at::Tensor mean_square(const ModelSpec& spec, const at::Tensor& squares) {
  if (spec.scored_inputs() == spec.inputs()) return squares.mean(1);
  return squares.sum(1) / static_cast<double>(spec.scored_inputs());
}

namespace {

at::Tensor squares_of(const ModelSpec& spec, const Scored& scored) {
  const at::Tensor predicted = spec.has_sigmoid() ? at::sigmoid(scored.outputs) : scored.outputs;
  return (predicted - scored.x).square();
}

}  // namespace

at::Tensor optimal_log_sigma(const ModelSpec& spec, const Scored& scored) {
  const at::NoGradGuard no_grad;
  const at::Tensor variance = mean_square(spec, squares_of(spec, scored)).mean();
  return (0.5 * variance.log()).clamp_min(std::log(kSmallestSigma));
}

at::Tensor reconstruction_loss(const ModelSpec& spec, const Scored& scored) {
  const at::Tensor& x = scored.x;
  if (spec.likelihood == Likelihood::bernoulli) {
    return at::binary_cross_entropy_with_logits(scored.outputs, x, {}, {}, at::Reduction::None)
        .sum(1);
  }
  const at::Tensor squares = squares_of(spec, scored);
  if (scored.hidden.defined()) return (squares * scored.hidden).sum(1) / scored.hidden.sum(1);
  if (spec.likelihood == Likelihood::mse) return mean_square(spec, squares);

  const auto inputs = static_cast<double>(spec.scored_inputs());
  if (!scored.log_sigma.defined()) {
    const double variance = spec.sigma * spec.sigma;
    return squares.sum(1) / (2 * variance) +
           0.5 * inputs * std::log(2 * std::numbers::pi * variance);
  }
  const at::Tensor log_sigma = scored.log_sigma.clamp_min(std::log(kSmallestSigma));
  return squares.sum(1) / (2 * (2 * log_sigma).exp()) +
         inputs * (log_sigma + 0.5 * std::log(2 * std::numbers::pi));
}

at::Tensor kl_divergence(const Posterior& posterior) {
  const at::Tensor& log_variance = posterior.log_variance;
  return (0.5 * (posterior.mean.square() + log_variance.exp() - log_variance - 1)).sum(1);
}

at::Tensor log_prior_ratio(const Posterior& posterior, const at::Tensor& noise,
                           const at::Tensor& z) {
  // The constants of both normal densities cancel.
  return 0.5 * (noise.square() + posterior.log_variance - z.square()).sum(1);
}

at::Tensor importance_bound(const at::Tensor& log_weights) {
  return at::logsumexp(log_weights, 1) - std::log(static_cast<double>(log_weights.size(1)));
}

}  // namespace zscape
