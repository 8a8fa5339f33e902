#pragma once

#include <ATen/core/Tensor.h>

#include "engine/model/autoencoder.h"
#include "engine/training/trainers/state_tensors.h"

namespace zscape {

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
