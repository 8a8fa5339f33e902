#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "engine/model/corruption.h"
#include "engine/model_spec.h"
#include "engine/training/trainers/objective.h"
#include "engine/training/trainers/state_tensors.h"

namespace zscape {

// One step of a fully connected model with the ELBO and one sample of z (is_fused), with explicit
// gradients. Gives the same as objective() and autograd with half the operations, which decide the
// cost of a step on a GPU. Works on any device and waits for nothing.
class DenseStep {
 public:
  // weights: learned_tensors() of the model; gradients: tensors of the same shapes. bf16: rounds
  // the operands of products.
  DenseStep(const ModelSpec& spec, const NamedTensors& weights, const NamedTensors& gradients,
            bool bf16);

  // The same as objective(), but sets all gradients itself.
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
  // From the gradient of the results to that of the first `wanted` inputs (none: undefined).
  at::Tensor backward(Stack& stack, at::Tensor gradient, double leak, std::int64_t wanted) const;
  // The reconstruction loss; replaces the outputs by its gradient.
  at::Tensor score(const Presented& presented, at::Tensor& outputs);
  at::Tensor score_squares(const Presented& presented, at::Tensor& outputs);

  const ModelSpec spec_;
  const bool bf16_;
  Stack encoder_, decoder_;
  at::Tensor log_sigma_, log_sigma_gradient_;  // undefined unless s is learned
};

}  // namespace zscape
