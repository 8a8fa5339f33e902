#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/model/autoencoder.h"
#include "engine/trainer.h"

namespace zscape {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

// Copies of the tensors (float32, of any device), in their order.
std::vector<StateTensor> to_state(const NamedTensors& tensors);

// Copies a state's values into tensors of the same names and shapes. Copies nothing if a tensor is
// missing, is not wanted or has another shape.
Expected<void> copy_state(const std::vector<StateTensor>& state, const NamedTensors& tensors);

// A model's parameters and their Adam moments, each in one flat array; a learned log s comes last.
// The model's tensors become views of `weights`.
struct FlatParameters {
  FlatParameters(Autoencoder& model, at::Device device);

  at::Tensor weights;         // [P]
  at::Tensor first_moments;   // [P]
  at::Tensor second_moments;  // [P]
  NamedTensors state;         // weights and moments under their names, views of these
};

// The tensors that a model learns, with log s if it is learned.
NamedTensors learned_tensors(const Autoencoder& model);

// Views of a flat array in the shapes of these tensors, in their order.
NamedTensors views_of(const at::Tensor& flat, const NamedTensors& tensors);

}  // namespace zscape
