#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/model/network.h"
#include "engine/model_spec.h"

namespace zscape {

// N = batch, d = inputs, c = classes, k = latent dimensions.

// Parameters of q(z|x) = N(mean, diag exp(log_variance)); log_variance is undefined for kinds
// without a prior, whose code is the mean.
struct Posterior {
  at::Tensor mean;          // [N, k]
  at::Tensor log_variance;  // [N, k]
};

// Encoder and decoder of every kind. A plain set of tensors: copies share them, clone() does not.
// Not synchronised.
class Autoencoder {
 public:
  explicit Autoencoder(const ModelSpec& spec);  // uninitialised weights

  // Weights and biases from U(±1/√fan_in), PyTorch's default, by the seed's initialisation stream.
  void initialise(std::uint64_t seed);

  // x: [N, d], scaled if the spec has a scaling, else in [0, 1]; label: one-hot [N, c] for cvae,
  // else undefined.
  Posterior encode(const at::Tensor& x, const at::Tensor& label) const;

  // z: [N, k] → [N, d], the last layer's outputs: logits if the spec has a sigmoid, else x̂.
  at::Tensor decode(const at::Tensor& z, const at::Tensor& label) const;

  // x̂ from the decoder's outputs, on the scale of x: [N, d].
  at::Tensor reconstruction(const at::Tensor& outputs) const;

  // x or x̂ as pictures in [0, 1] (see Decoder::decode): [N, d].
  at::Tensor picture(const at::Tensor& x) const;

  // "encoder.0.weight", "encoder.0.bias", "encoder.2.weight", …: the names of PyTorch's
  // nn.Sequential, in the order of the layers.
  std::vector<std::pair<std::string, at::Tensor>> named_tensors() const;

  // A deep copy without gradients. Its spec has the present value of a learned s.
  Autoencoder clone() const;
  Autoencoder copy_on(at::Device device) const;
  at::Device device() const;
  const ModelSpec& spec() const { return spec_; }

  at::Tensor log_sigma;  // scalar, log s while s is learned; else undefined

  std::vector<double> explained_variance;  // pca: [k], shares of the whole; else empty

 private:
  ModelSpec spec_;
  Sequential encoder_;
  Sequential decoder_;
};

// z = μ + σ ⊙ ε (Kingma and Welling 2014); noise ~ N(0, I): [N, k]. Without a prior z = μ.
at::Tensor reparameterise(const Posterior& posterior, const at::Tensor& noise);

}  // namespace zscape
