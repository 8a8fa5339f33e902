#include "engine/training/trainers/flat_parameters.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace zscape {

NamedTensors learned_tensors(const Autoencoder& model) {
  NamedTensors tensors = model.named_tensors();
  if (model.log_sigma.defined()) tensors.emplace_back("log_sigma", model.log_sigma);
  return tensors;
}

NamedTensors views_of(const at::Tensor& flat, const NamedTensors& tensors) {
  NamedTensors views;
  std::int64_t at = 0;
  for (const auto& [name, tensor] : tensors) {
    views.emplace_back(name, flat.narrow(0, at, tensor.numel()).view(tensor.sizes()));
    at += tensor.numel();
  }
  return views;
}

FlatParameters::FlatParameters(Autoencoder& model, at::Device device) {
  const at::NoGradGuard no_grad;
  const NamedTensors tensors = learned_tensors(model);
  std::int64_t total = 0;
  for (const auto& [name, tensor] : tensors) total += tensor.numel();
  weights = at::empty({total}, at::device(device));
  first_moments = at::zeros({total}, at::device(device));
  second_moments = at::zeros({total}, at::device(device));
  const NamedTensors of_weights = views_of(weights, tensors);
  const NamedTensors of_first = views_of(first_moments, tensors);
  const NamedTensors of_second = views_of(second_moments, tensors);
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& [name, tensor] = tensors[i];
    of_weights[i].second.copy_(tensor);
    at::Tensor(tensor).set_data(of_weights[i].second);
    state.emplace_back("adam.first_moment." + name, of_first[i].second);
    state.emplace_back("adam.second_moment." + name, of_second[i].second);
    state.emplace_back(name, of_weights[i].second);
  }
}

}  // namespace zscape
