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

}  // namespace zscape
