#include "engine/training/trainers/objective.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "engine/model/loss.h"

namespace zscape {
namespace {

at::Tensor repeated(const at::Tensor& tensor, std::int64_t times) {
  return tensor.defined() && times > 1 ? tensor.repeat_interleave(times, 0) : tensor;
}

}  // namespace

ObjectiveValue objective(const Autoencoder& model, const Presented& presented,
                         const at::Tensor& label, const at::Tensor& noise,
                         const at::Tensor& kl_weight) {
  const ModelSpec& spec = model.spec();
  const std::int64_t samples = spec.samples;
  const Posterior posterior = model.encode(presented.seen, label);
  const Posterior drawn_from = {repeated(posterior.mean, samples),
                                repeated(posterior.log_variance, samples)};
  const at::Tensor z = reparameterise(drawn_from, noise);
  Scored scored = {model.decode(z, repeated(label, samples)), repeated(presented.target, samples),
                   presented.hidden, model.log_sigma};
  ObjectiveValue value;
  if (spec.optimal_sigma) value.log_sigma = scored.log_sigma = optimal_log_sigma(spec, scored);
  const at::Tensor reconstruction = reconstruction_loss(spec, scored);  // [N · K]
  value.reconstruction = reconstruction.mean();
  value.loss = value.reconstruction;
  switch (spec.kind) {
    case ModelKind::ae:
    case ModelKind::dae:
    case ModelKind::mae:
    case ModelKind::pca:
      return value;
    case ModelKind::vae:
    case ModelKind::cvae:
      break;
  }
  value.kl = kl_divergence(posterior).mean();
  if (spec.objective == Objective::elbo) {
    value.loss = value.reconstruction + kl_weight * value.kl;
    return value;
  }
  const at::Tensor log_weights = kl_weight * log_prior_ratio(drawn_from, noise, z) - reconstruction;
  value.loss = -importance_bound(log_weights.view({-1, samples})).mean();
  return value;
}

void follow_sigma(at::Tensor& log_sigma, const at::Tensor& of_batch, std::int64_t rows) {
  constexpr double kRemembered = 2000;  // inputs
  const at::NoGradGuard no_grad;
  const double share = -std::expm1(-static_cast<double>(rows) / kRemembered);
  const at::Tensor mixed =
      (1 - share) * (2 * log_sigma).exp() + share * (2 * of_batch).exp();  // s²
  const at::Tensor next = at::where(log_sigma.eq(0), of_batch, 0.5 * mixed.log());
  log_sigma.copy_(at::where(next.isfinite(), next, log_sigma));
}

}  // namespace zscape
