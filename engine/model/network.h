#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/dataset.h"
#include "engine/model_spec.h"

namespace zscape {

// What stands between the layers of a network.
struct Between {
  Activation activation = Activation::relu;  // not reference
  double leak = 0.01;                        // of leaky_relu; this is PyTorch's own
};
// In the reference architecture.
inline constexpr Between kReferenceEncoder{Activation::leaky_relu, 0.2};
inline constexpr Between kReferenceDecoder{Activation::relu};

// The counterpart of PyTorch's nn.Sequential with these layers and one activation between them,
// with the same names. A plain set of tensors: copies share them, clone() does not.
class Sequential {
 public:
  enum class LayerKind {
    linear,           // weight [out, in]
    conv,             // weight [out, in, 4, 4], stride 2, padding 1: halves the sides
    transposed_conv,  // weight [in, out, 4, 4], the same: doubles them
  };
  struct Layer {
    LayerKind kind = LayerKind::linear;
    int place = 0;      // in the nn.Sequential: activations, Flatten and Unflatten count
    at::Tensor weight;  // uninitialised at first
    at::Tensor bias;    // [out]
  };

  Sequential() = default;

  // Linear, activation, Linear, …
  static Sequential dense(const std::vector<int>& widths, const Between& between);

  // Conv2d(C, 32), LeakyReLU, Conv2d(32, 64), LeakyReLU, Flatten, Linear(…, outputs)
  static Sequential conv_encoder(const ImageShape& shape, int outputs);

  // Linear(inputs, …), ReLU, Unflatten, ConvTranspose2d(64, 32), ReLU, ConvTranspose2d(32, C)
  static Sequential conv_decoder(const ImageShape& shape, int inputs);

  // [N, inputs] → [N, outputs]. Images have ImageShape's layout, channels last; convolutions see
  // PyTorch's [N, C, H, W].
  at::Tensor forward(at::Tensor x) const;

  // "0.weight", "0.bias", "2.weight", …
  std::vector<std::pair<std::string, at::Tensor>> named_tensors() const;

  // The bound of PyTorch's default initialisation of a layer: 1/√fan_in.
  static double initial_bound(const Layer& layer);

  Sequential clone() const;  // a deep copy without gradients

  std::vector<Layer> layers;

 private:
  Between between_;
  ImageShape shape_;  // of the pictures at the convolutional end
};

}  // namespace zscape
