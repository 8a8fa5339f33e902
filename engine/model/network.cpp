#include "engine/model/network.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "engine/conv_sizes.h"
#include "engine/model/page_tensor.h"

namespace zscape {
namespace {

int inner_size(const ImageShape& shape) {
  return static_cast<int>(conv_inner_size(shape));
}

Sequential::Layer linear(int place, int in, int out) {
  return {Sequential::LayerKind::linear, place, at::empty({out, in}), at::empty({out})};
}

Sequential::Layer conv(int place, int in, int out) {
  return {Sequential::LayerKind::conv, place, at::empty({out, in, kConvKernel, kConvKernel}),
          at::empty({out})};
}

Sequential::Layer transposed_conv(int place, int in, int out) {
  return {Sequential::LayerKind::transposed_conv, place,
          at::empty({in, out, kConvKernel, kConvKernel}), at::empty({out})};
}

// [N, H·W·C] → [N, C, H, W]
at::Tensor as_pictures(const at::Tensor& x, const ImageShape& shape) {
  return x.view({-1, shape.height, shape.width, shape.channels}).permute({0, 3, 1, 2});
}

at::Tensor activated(at::Tensor x, const Between& between) {
  switch (between.activation) {
    case Activation::leaky_relu:
      return at::leaky_relu_(x, between.leak);
    case Activation::reference:  // the networks name theirs
    case Activation::relu:
      return at::relu_(x);
    case Activation::elu:
      return at::elu(x);
    case Activation::gelu:
      return at::gelu(x);
    case Activation::silu:
      return at::silu(x);
    case Activation::sigmoid:
      return at::sigmoid(x);
    case Activation::tanh:
      return at::tanh(x);
  }
  return x;
}

}  // namespace

Sequential Sequential::dense(const std::vector<int>& widths, const Between& between) {
  Sequential network;
  network.between_ = between;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    network.layers.push_back(linear(static_cast<int>(2 * i), widths[i], widths[i + 1]));
  }
  return network;
}

Sequential Sequential::conv_encoder(const ImageShape& shape, int outputs) {
  Sequential network;
  network.between_ = kReferenceEncoder;
  network.shape_ = shape;
  network.layers = {conv(0, shape.channels, kConvOuterChannels),
                    conv(2, kConvOuterChannels, kConvInnerChannels),
                    linear(5, inner_size(shape), outputs)};
  return network;
}

Sequential Sequential::conv_decoder(const ImageShape& shape, int inputs) {
  Sequential network;
  network.between_ = kReferenceDecoder;
  network.shape_ = shape;
  network.layers = {linear(0, inputs, inner_size(shape)),
                    transposed_conv(3, kConvInnerChannels, kConvOuterChannels),
                    transposed_conv(5, kConvOuterChannels, shape.channels)};
  return network;
}

at::Tensor Sequential::forward(at::Tensor x) const {
  for (const Layer& layer : layers) {
    switch (layer.kind) {
      case LayerKind::linear:
        x = at::linear(x.dim() > 2 ? x.flatten(1) : x, layer.weight, layer.bias);
        break;
      case LayerKind::conv:
        x = at::conv2d(x.dim() > 2 ? x : as_pictures(x, shape_), layer.weight, layer.bias,
                       kConvStride, kConvPadding);
        break;
      case LayerKind::transposed_conv:
        if (x.dim() == 2)
          x = x.view({-1, kConvInnerChannels, shape_.height / kConvReduction,
                      shape_.width / kConvReduction});
        x = at::conv_transpose2d(x, layer.weight, layer.bias, kConvStride, kConvPadding);
        break;
    }
    if (&layer == &layers.back()) break;
    x = activated(std::move(x), between_);
  }
  return x.dim() > 2 ? x.permute({0, 2, 3, 1}).flatten(1) : x;
}

std::vector<std::pair<std::string, at::Tensor>> Sequential::named_tensors() const {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const Layer& layer : layers) {
    tensors.emplace_back(fmt::format("{}.weight", layer.place), layer.weight);
    tensors.emplace_back(fmt::format("{}.bias", layer.place), layer.bias);
  }
  return tensors;
}

double Sequential::initial_bound(const Layer& layer) {
  // PyTorch counts a row of the weight as the fan-in, also for transposed convolutions.
  const auto fan_in = static_cast<double>(layer.weight.numel() / layer.weight.size(0));
  return 1.0 / std::sqrt(fan_in);
}

Sequential Sequential::clone() const {
  Sequential copy = *this;
  for (Layer& layer : copy.layers) {
    for (at::Tensor* tensor : {&layer.weight, &layer.bias}) {
      const bool is_here = tensor->device().is_cpu();
      *tensor = is_here ? copy_in_pages(*tensor) : tensor->detach().clone();
    }
  }
  return copy;
}

}  // namespace zscape
