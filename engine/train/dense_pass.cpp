#include "engine/train/dense_pass.h"

#include <algorithm>
#include <utility>

namespace zscape {

DensePass::DensePass(std::vector<DenseLayer> layers, const Kernels& kernels, int most_panels)
    : layers_(std::move(layers)), kernels_(kernels) {
  const auto panels = [&](int features) {
    return std::vector<float>(static_cast<std::size_t>(features) * kPanel *
                              static_cast<std::size_t>(most_panels));
  };
  int widest = 0;
  activations_.push_back(panels(inputs()));
  gradients_.emplace_back();
  for (const DenseLayer& layer : layers_) {
    activations_.push_back(panels(layer.outputs));
    if (&layer != &layers_.front()) gradients_.push_back(panels(layer.inputs));
    widest = std::max(widest, layer.inputs);
  }
  rows_ = panels(widest);
}

void DensePass::forward(const float* parameters, int panels) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const DenseLayer& layer = layers_[i];
    float* out = activations_[i + 1].data();
    Product product;
    product.a = parameters + layer.weight;
    product.a_row = layer.inputs;
    product.a_column = 1;
    product.b = activations_[i].data();
    product.b_row = kPanel;
    product.b_panel = layer.inputs * kPanel;
    product.c = out;
    product.c_row = kPanel;
    product.c_panel = layer.outputs * kPanel;
    product.rows = layer.outputs;
    product.columns = panels * kPanel;
    product.length = layer.inputs;
    kernels_.multiply(product);
    for (int panel = 0; panel < panels; ++panel) {
      kernels_.add_bias(out + panel * layer.outputs * kPanel, layer.outputs,
                        parameters + layer.bias, layer.leak);
    }
  }
}

// What stands before a layer, sample by sample.
const float* DensePass::rows_of(std::size_t layer, int panels) {
  const int features = layers_[layer].inputs;
  for (int panel = 0; panel < panels; ++panel) {
    const std::int64_t at = static_cast<std::int64_t>(panel) * features * kPanel;
    kernels_.transpose(activations_[layer].data() + at, kPanel, features, kPanel, rows_.data() + at,
                       features);
  }
  return rows_.data();
}

void DensePass::backward(const float* parameters, int panels, float* gradients, bool fresh,
                         const float* input_rows, float* input_gradient, int wanted) {
  const float* gradient = activations_.back().data();
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const DenseLayer& layer = layers_[i];
    const std::int64_t out_panel = static_cast<std::int64_t>(layer.outputs) * kPanel;
    for (int panel = 0; panel < panels; ++panel) {
      kernels_.add_row_sums(gradient + panel * out_panel, layer.outputs, gradients + layer.bias);
    }
    Product of_weight;  // gradient · inputsᵀ, summed over the samples
    of_weight.a = gradient;
    of_weight.a_row = kPanel;
    of_weight.a_column = 1;
    of_weight.a_segment = out_panel;
    of_weight.b = i == 0 && input_rows ? input_rows : rows_of(i, panels);
    of_weight.b_row = layer.inputs;
    of_weight.b_segment = static_cast<std::int64_t>(layer.inputs) * kPanel;
    of_weight.c = gradients + layer.weight;
    of_weight.c_row = layer.inputs;
    of_weight.rows = layer.outputs;
    of_weight.columns = layer.inputs;
    of_weight.length = kPanel;
    of_weight.segments = panels;
    of_weight.adds = !fresh;
    kernels_.multiply(of_weight);

    float* before = i == 0 ? input_gradient : gradients_[i].data();
    if (!before) return;
    const int features = i == 0 ? wanted : layer.inputs;
    Product back;  // weightᵀ · gradient
    back.a = parameters + layer.weight;
    back.a_row = 1;
    back.a_column = layer.inputs;
    back.b = gradient;
    back.b_row = kPanel;
    back.b_panel = out_panel;
    back.c = before;
    back.c_row = kPanel;
    back.c_panel = static_cast<std::int64_t>(features) * kPanel;
    back.rows = features;
    back.columns = panels * kPanel;
    back.length = layer.outputs;
    kernels_.multiply(back);
    if (i == 0) return;
    kernels_.activation_gradient(before, activations_[i].data(),
                                 static_cast<std::int64_t>(panels) * features * kPanel,
                                 layers_[i - 1].leak);
    gradient = before;
  }
}

}  // namespace zscape
