#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/model_spec.h"

namespace zscape {

// N = batch, d = inputs, c = classes, k = latent dimensions.

// Parameters of q(z|x) = N(mean, diag exp(log_variance)); log_variance is undefined for kinds
// without a prior, whose code is the mean.
struct Posterior {
  at::Tensor mean;          // [N, k]
  at::Tensor log_variance;  // [N, k]
};

// A fully connected network: linear layers with one activation between them. In PyTorch it is the
// nn.Sequential of Linear, activation, Linear, … with the names that go with it.
class Mlp {
 public:
  enum class Activation { leaky_relu, relu };  // LeakyReLU(0.2), ReLU

  struct Linear {
    at::Tensor weight;  // [out, in]
    at::Tensor bias;    // [out]
  };

  Mlp() = default;
  Mlp(const std::vector<int>& widths, Activation activation);  // uninitialised weights

  at::Tensor forward(at::Tensor x) const;  // [N, widths.front()] → [N, widths.back()]

  std::vector<Linear> layers;
  Activation activation = Activation::relu;
};

// Encoder and decoder of the kinds ae, vae and cvae. A plain set of tensors: copies share them,
// clone() does not. Not synchronised.
class Autoencoder {
 public:
  explicit Autoencoder(const ModelSpec& spec);  // uninitialised weights

  // Weights and biases from U(±1/√fan_in), the default of PyTorch's nn.Linear; a function of the
  // seed (initialisation stream).
  void initialise(std::uint64_t seed);

  // x: [N, d] in [0, 1]; label: one-hot [N, c] for cvae, else undefined.
  Posterior encode(const at::Tensor& x, const at::Tensor& label) const;

  // z: [N, k] → logits [N, d]; x̂ = sigmoid(logits).
  at::Tensor decode(const at::Tensor& z, const at::Tensor& label) const;

  // "encoder.0.weight", "encoder.0.bias", "encoder.2.weight", …: the names of PyTorch's
  // nn.Sequential, in the order of the layers.
  std::vector<std::pair<std::string, at::Tensor>> named_tensors() const;

  Autoencoder clone() const;  // a deep copy without gradients
  const ModelSpec& spec() const { return spec_; }

 private:
  ModelSpec spec_;
  Mlp encoder_;
  Mlp decoder_;
};

// z = μ + σ ⊙ ε (Kingma and Welling 2014); noise ~ N(0, I): [N, k]. Without a prior z = μ.
at::Tensor reparameterise(const Posterior& posterior, const at::Tensor& noise);

}  // namespace zscape
