#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "engine/model/corruption.h"
#include "engine/model_spec.h"
#include "engine/training/trainers/objective.h"
#include "engine/training/trainers/state_tensors.h"

namespace zscape {

// The step of a fully connected model that learns by the ELBO with one sample of z (is_fused), its
// gradients written out: the same as objective() and autograd's, in half as many operations, which
// is what a step on a GPU costs. Whatever device the tensors are on; nothing waits for it.
class DenseStep {
 public:
  // weights, gradients: learned_tensors() of the model and views of their shapes. bf16: products
  // of operands rounded to bf16.
  DenseStep(const ModelSpec& spec, const NamedTensors& weights, const NamedTensors& gradients,
            bool bf16);

  // Means over the batch, without gradients of their own; sets all gradients. As objective().
  ObjectiveValue run(const Presented& presented, const at::Tensor& label, const at::Tensor& noise,
                     const at::Tensor& kl_weight);

 private:
  struct Layer {
    at::Tensor weight, bias, weight_gradient, bias_gradient;
    at::Tensor input;  // of the present batch
  };
  using Stack = std::vector<Layer>;

  at::Tensor product(const at::Tensor& a, const at::Tensor& b) const;
  at::Tensor forward(Stack& stack, const at::Tensor& x, double leak) const;
  // Back from the gradient of the results to that of the first `wanted` inputs; 0: undefined.
  at::Tensor backward(Stack& stack, at::Tensor gradient, double leak, std::int64_t wanted) const;
  // The reconstruction loss of the outputs, which become its gradient.
  at::Tensor score(const Presented& presented, at::Tensor& outputs);
  at::Tensor score_squares(const Presented& presented, at::Tensor& outputs);

  const ModelSpec spec_;
  const bool bf16_;
  Stack encoder_, decoder_;
  at::Tensor log_sigma_, log_sigma_gradient_;  // undefined unless s is learned
};

}  // namespace zscape
