#pragma once

#include <ATen/core/Tensor.h>

#include "engine/model/autoencoder.h"
#include "engine/model/corruption.h"

namespace zscape {

// What a step minimises and reports: scalar means over the batch.
struct ObjectiveValue {
  at::Tensor loss;
  at::Tensor reconstruction;
  at::Tensor kl;  // undefined for kinds without a prior
};

// The spec's objective for one batch. label: one-hot [N, c] for cvae, else undefined. noise: draws
// of N(0, 1), [N · K, k] with the K samples of an input side by side; undefined without a prior.
ObjectiveValue objective(const Autoencoder& model, const Presented& presented,
                         const at::Tensor& label, const at::Tensor& noise,
                         const at::Tensor& kl_weight);

}  // namespace zscape
