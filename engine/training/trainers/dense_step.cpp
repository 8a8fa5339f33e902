#include "engine/training/trainers/dense_step.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/version.h>

#include <cmath>
#include <numbers>

namespace zscape {
namespace {

constexpr double kEncoderLeak = 0.2, kDecoderLeak = 0;

at::Tensor join(const at::Tensor& values, const at::Tensor& label) {
  return label.defined() ? at::cat({values, label}, 1) : values;
}

}  // namespace

DenseStep::DenseStep(const ModelSpec& spec, const NamedTensors& weights,
                     const NamedTensors& gradients, bool bf16)
    : spec_(spec), bf16_(bf16) {
  const std::size_t encoder_layers = spec.hidden.size() + 1;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i].second.dim() == 2) {
      Stack& stack = encoder_.size() < encoder_layers ? encoder_ : decoder_;
      stack.push_back({weights[i].second,
                       weights[i + 1].second,
                       gradients[i].second,
                       gradients[i + 1].second,
                       {}});
    } else if (weights[i].first == "log_sigma") {
      log_sigma_ = weights[i].second;
      log_sigma_gradient_ = gradients[i].second;
    }
  }
}

at::Tensor DenseStep::product(const at::Tensor& a, const at::Tensor& b) const {
  if (!bf16_) return at::mm(a, b);
  const at::Tensor left = a.to(at::kBFloat16), right = b.to(at::kBFloat16);
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 11
  if (a.is_cuda()) return at::mm(left, right, at::kFloat);  // summed and kept in single precision
#endif
  return at::mm(left, right).to(at::kFloat);
}

at::Tensor DenseStep::forward(Stack& stack, const at::Tensor& x, double leak) const {
  at::Tensor values = x;
  for (Layer& layer : stack) {
    layer.input = values;
    const bool is_last = &layer == &stack.back();
    if (bf16_) {
      values = product(values, layer.weight.t()).add_(layer.bias);
    } else if (!is_last && leak == 0) {
      values = at::_addmm_activation(layer.bias, values, layer.weight.t());
      continue;
    } else {
      values = at::addmm(layer.bias, values, layer.weight.t());
    }
    if (!is_last) at::leaky_relu_(values, leak);
  }
  return values;
}

at::Tensor DenseStep::backward(Stack& stack, at::Tensor gradient, double leak,
                               std::int64_t wanted) const {
  for (std::size_t i = stack.size(); i-- > 0;) {
    Layer& layer = stack[i];
    if (bf16_) {
      layer.weight_gradient.copy_(product(gradient.t(), layer.input));
    } else {
      at::mm_out(layer.weight_gradient, gradient.t(), layer.input);
    }
    at::sum_out(layer.bias_gradient, gradient, 0);
    if (i == 0 && wanted == 0) return {};
    if (i == 0) return product(gradient, layer.weight.narrow(1, 0, wanted));
    const at::Tensor before = product(gradient, layer.weight);
    gradient = at::leaky_relu_backward(before, layer.input, leak, /*self_is_result=*/true);
  }
  return gradient;
}

at::Tensor DenseStep::score(const Presented& presented, at::Tensor& outputs) {
  if (spec_.likelihood != Likelihood::bernoulli) return score_squares(presented, outputs);
  const double scale = 1 / static_cast<double>(outputs.size(0));
  const at::Tensor& x = presented.target;
  // −x log σ(o) − (1 − x) log(1 − σ(o)) = log(1 + eᵒ) − x · o
  const at::Tensor loss = at::softplus(outputs).addcmul_(x, outputs, -1).sum() * scale;
  outputs = at::sigmoid(outputs).sub_(x).mul_(scale);
  return loss;
}

at::Tensor DenseStep::score_squares(const Presented& presented, at::Tensor& outputs) {
  const auto count = static_cast<double>(outputs.size(0));
  const auto inputs = static_cast<double>(outputs.size(1));
  const at::Tensor predicted = spec_.has_sigmoid() ? at::sigmoid(outputs) : outputs;
  at::Tensor difference = predicted - presented.target;
  const at::Tensor squares = presented.hidden.defined()
                                 ? (difference.square() * presented.hidden).sum()
                                 : difference.square().sum();
  if (presented.hidden.defined()) difference.mul_(presented.hidden);

  at::Tensor loss;
  if (spec_.likelihood == Likelihood::mse) {
    const double terms = presented.hidden.defined() ? hidden_inputs(spec_) : inputs;
    loss = squares / (terms * count);
    difference.mul_(2 / (terms * count));
  } else if (!log_sigma_.defined()) {
    const double variance = spec_.sigma * spec_.sigma;
    loss =
        squares / (2 * variance * count) + 0.5 * inputs * std::log(2 * std::numbers::pi * variance);
    difference.mul_(1 / (variance * count));
  } else {
    const double least = std::log(kSmallestSigma);
    const at::Tensor log_sigma = log_sigma_.clamp_min(least);
    const at::Tensor variance = (2 * log_sigma).exp();
    loss = squares / (2 * count * variance) +
           inputs * (log_sigma + 0.5 * std::log(2 * std::numbers::pi));
    // No gradient below the smallest s.
    log_sigma_gradient_.copy_((inputs - squares / (count * variance)) * log_sigma_.ge(least));
    difference.div_(count * variance);
  }
  outputs = spec_.has_sigmoid() ? at::sigmoid_backward(difference, predicted) : difference;
  return loss;
}

ObjectiveValue DenseStep::run(const Presented& presented, const at::Tensor& label,
                              const at::Tensor& noise, const at::Tensor& kl_weight) {
  const at::NoGradGuard no_grad;
  const std::int64_t latent = spec_.latent;
  ObjectiveValue value;
  const at::Tensor heads = forward(encoder_, join(presented.seen, label), kEncoderLeak);
  if (!spec_.has_prior()) {
    at::Tensor outputs = forward(decoder_, join(heads, label), kDecoderLeak);
    value.loss = value.reconstruction = score(presented, outputs);
    backward(encoder_, backward(decoder_, outputs, kDecoderLeak, latent), kEncoderLeak, 0);
    return value;
  }

  const at::Tensor mean = heads.narrow(1, 0, latent);
  const at::Tensor log_variance = heads.narrow(1, latent, latent);
  const at::Tensor sigma = (log_variance * 0.5).exp_();
  const at::Tensor z = at::addcmul(mean, sigma, noise);
  at::Tensor outputs = forward(decoder_, join(z, label), kDecoderLeak);
  value.reconstruction = score(presented, outputs);
  const double scale = 1 / static_cast<double>(heads.size(0));
  const at::Tensor excess = sigma.square().sub_(1);  // σ² − 1
  value.kl = mean.square().add_(excess).sub_(log_variance).sum() * (0.5 * scale);
  value.loss = value.reconstruction + kl_weight * value.kl;

  // ∂z/∂μ = 1, ∂z/∂ log σ² = ε σ / 2; ∂KL/∂μ = μ, ∂KL/∂ log σ² = (σ² − 1) / 2.
  const at::Tensor of_z = backward(decoder_, outputs, kDecoderLeak, latent);
  const at::Tensor share = (kl_weight * scale).to(at::kFloat);
  const at::Tensor of_mean = at::addcmul(of_z, mean, share);
  const at::Tensor of_log_variance = (of_z * noise).mul_(sigma).addcmul_(excess, share).mul_(0.5);
  backward(encoder_, at::cat({of_mean, of_log_variance}, 1), kEncoderLeak, 0);
  return value;
}

}  // namespace zscape
