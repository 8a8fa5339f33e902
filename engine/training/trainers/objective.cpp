#include "engine/training/trainers/objective.h"

#include <ATen/ATen.h>

#include "engine/model/loss.h"

namespace zscape {
namespace {

constexpr double kSparsity = 0.01;  // of sae: the price of |z|

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
  const at::Tensor reconstruction = reconstruction_loss(
      spec, {model.decode(z, repeated(label, samples)), repeated(presented.target, samples),
             presented.hidden, model.log_sigma});  // [N · K]

  ObjectiveValue value;
  value.reconstruction = reconstruction.mean();
  value.loss = value.reconstruction;
  switch (spec.kind) {
    case ModelKind::ae:
    case ModelKind::dae:
    case ModelKind::mae:
    case ModelKind::pca:
      return value;
    case ModelKind::sae:
      value.loss = value.reconstruction + kSparsity * posterior.mean.abs().sum(1).mean();
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

}  // namespace zscape
