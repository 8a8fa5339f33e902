#include "engine/training/trainers/state_tensors.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "engine/text.h"

namespace zscape {

std::vector<StateTensor> to_state(const NamedTensors& tensors) {
  std::vector<StateTensor> state;
  state.reserve(tensors.size());
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor flat = tensor.detach().cpu().contiguous();
    const float* values = flat.data_ptr<float>();
    state.push_back({name, tensor.sizes().vec(), {values, values + flat.numel()}});
  }
  return state;
}

Expected<void> copy_state(const std::vector<StateTensor>& state, const NamedTensors& tensors) {
  std::vector<const StateTensor*> sources;
  for (const auto& [name, tensor] : tensors) {
    const auto source = std::ranges::find(state, name, &StateTensor::name);
    if (source == state.end()) return fail(tr("the state lacks {}", name));
    if (source->shape != tensor.sizes().vec()) {
      return fail(tr("{} has another shape in the state than in the model", name));
    }
    sources.push_back(&*source);
  }
  if (state.size() != tensors.size()) {
    return fail(
        tr("the state holds {} tensors, and the model needs {}", state.size(), tensors.size()));
  }
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    at::Tensor(tensors[i].second)
        .copy_(at::from_blob(const_cast<float*>(sources[i]->values.data()), sources[i]->shape));
  }
  return {};
}

NamedTensors learned_tensors(const Autoencoder& model) {
  NamedTensors tensors = model.learned();
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
