#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/model/network.h"
#include "engine/model/program.h"
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

  // Weights and biases from U(±1/√fan_in), PyTorch's default, by the seed's initialisation stream;
  // those of a program as its operators have them in PyTorch.
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

  // All that a file holds. "encoder.0.weight", "encoder.0.bias", "encoder.2.weight", …: the names
  // of PyTorch's nn.Sequential, in the order of the layers; a program's: of its state_dict.
  std::vector<std::pair<std::string, at::Tensor>> named_tensors() const;
  // Of these, those that gradients change, each once; and the others, such as running statistics.
  std::vector<std::pair<std::string, at::Tensor>> learned() const;
  std::vector<std::pair<std::string, at::Tensor>> not_learned() const;

  // A program computes this step as in training: dropout and noise drawn for it, batch norm by the
  // batch, whose statistics it keeps. Copies evaluate. Nothing for our own networks.
  void begin_training_step(std::uint64_t seed, std::int64_t step);

  // A deep copy without gradients. Its spec has the present value of a learned s.
  Autoencoder clone() const;
  Autoencoder copy_on(at::Device device) const;
  at::Device device() const;
  const ModelSpec& spec() const { return spec_; }

  ProgramNetwork& program_encoder() { return program_encoder_; }
  ProgramNetwork& program_decoder() { return program_decoder_; }

  at::Tensor log_sigma;  // scalar, log s while s is learned; else undefined

  std::vector<double> explained_variance;  // pca: [k], shares of the whole; else empty
  double total_variance = 0;               // pca: the whole, of what it read; 0: not known

 private:
  ModelSpec spec_;
  Sequential encoder_;
  Sequential decoder_;
  ProgramNetwork program_encoder_, program_decoder_;  // empty without a program
  std::shared_ptr<ProgramNoise> noise_;               // of a training step; null: evaluation

  const Program& program() const { return static_cast<const Program&>(*spec_.program); }
  ProgramMode mode() const { return {noise_ != nullptr, false, noise_.get()}; }
  Posterior encode_by_program(const at::Tensor& x, const at::Tensor& label) const;
  std::vector<std::pair<std::string, at::Tensor>> program_tensors(bool learn) const;
  at::Tensor decode_by_program(const at::Tensor& z, const at::Tensor& label) const;
};

// z = μ + σ ⊙ ε (Kingma and Welling 2014); noise ~ N(0, I): [N, k]. Without a prior z = μ.
at::Tensor reparameterise(const Posterior& posterior, const at::Tensor& noise);

}  // namespace zscape
