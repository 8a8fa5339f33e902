#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/trainer.h"

namespace zscape {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// Copies of the tensors (float32, of any device), in their order.
std::vector<StateTensor> to_state(const NamedTensors& tensors);

// Copies a state's values into tensors of the same names and shapes. Copies nothing if a tensor is
// missing, is not wanted or has another shape.
Expected<void> copy_state(const std::vector<StateTensor>& state, const NamedTensors& tensors);

}  // namespace zscape
