#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/model/autoencoder.h"
#include "engine/model/corruption.h"

namespace zscape {

// What a step minimises and reports: scalar means over the batch.
struct ObjectiveValue {
  at::Tensor loss;
  at::Tensor reconstruction;
  at::Tensor kl;         // undefined for kinds without a prior
  at::Tensor log_sigma;  // of an optimal s: this batch's; else undefined
};

// The spec's objective for one batch. label: one-hot [N, c] for cvae, else undefined. noise: draws
// of N(0, 1), [N · K, k] with the K samples of an input side by side; undefined without a prior.
ObjectiveValue objective(const Autoencoder& model, const Presented& presented,
                         const at::Tensor& label, const at::Tensor& noise,
                         const at::Tensor& kl_weight);

// Takes the s of a batch into that of about the last 2,000 inputs, the model's own: log s is 0
// before the first batch.
void follow_sigma(at::Tensor& log_sigma, const at::Tensor& of_batch, std::int64_t rows);

}  // namespace zscape
