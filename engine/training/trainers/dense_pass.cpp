#include "engine/training/trainers/dense_pass.h"

#include <algorithm>
#include <utility>

namespace zscape {
namespace {

int pairs(int features) {
  return (features + 1) / 2;
}
int tiles(int features) {
  return (features + kPanel - 1) / kPanel;
}

// Floats, or pairs of samples, of one panel's tiles.
std::int64_t tile_floats(int features) {
  return std::int64_t{tiles(features)} * kPanel * kPanel;
}
std::int64_t tile_pairs(int features) {
  return tile_floats(features) / 2;
}

// weights · inputs for the panels first … end, which have `length` rows each.
template <class Element>
ProductOf<Element> over_panels(const Element* weights, std::int64_t row, std::int64_t column,
                               const Element* inputs, int length, float* outputs, int rows,
                               int first, int end) {
  ProductOf<Element> product;
  product.a = weights;
  product.a_row = row;
  product.a_column = column;
  product.b_row = kPanel;
  product.b_panel = std::int64_t{length} * kPanel;
  product.b = inputs + first * product.b_panel;
  product.c_row = kPanel;
  product.c_panel = std::int64_t{rows} * kPanel;
  product.c = outputs + first * product.c_panel;
  product.rows = rows;
  product.columns = (end - first) * kPanel;
  product.length = length;
  return product;
}

template <class Element>
void allocate(std::vector<Element>& array, std::int64_t count) {
  array.resize(static_cast<std::size_t>(count));
}

}  // namespace

DensePass::DensePass(std::vector<DenseLayer> layers, const Kernels& kernels,
                     const Bf16Kernels* bf16, int most_panels)
    : layers_(std::move(layers)), kernels_(kernels), bf16_(bf16), operands_(layers_.size()) {
  const std::int64_t samples = std::int64_t{most_panels} * kPanel;
  allocate(activations_.emplace_back(), inputs() * samples);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const DenseLayer& layer = layers_[i];
    Operands& operands = operands_[i];
    allocate(activations_.emplace_back(), layer.outputs * samples);
    if (i + 1 < layers_.size()) allocate(operands.gradients, layer.outputs * samples);
    if (!bf16_) {
      allocate(operands.tiles, tile_floats(layer.inputs) * most_panels);
      continue;
    }
    allocate(operands.inputs_by_feature, pairs(layer.inputs) * samples);
    allocate(operands.input_tiles, tile_pairs(layer.inputs) * most_panels);
    allocate(operands.gradients_by_feature, pairs(layer.outputs) * samples);
    allocate(operands.gradients_by_sample, layer.outputs * samples / 2);
    allocate(operands.weights_along_rows, std::int64_t{layer.outputs} * pairs(layer.inputs));
    allocate(operands.weights_of_rows, std::int64_t{pairs(layer.outputs)} * layer.inputs);
  }
}

const float* DensePass::gradients(std::size_t layer) const {
  return layer + 1 < layers_.size() ? operands_[layer].gradients.data()
                                    : activations_.back().data();
}

void DensePass::take_weights(const float* parameters, std::size_t layer, int row, int rows) {
  if (!bf16_) return;
  const int columns = layers_[layer].inputs;
  Operands& operands = operands_[layer];
  bf16_->pair_weights(parameters + layers_[layer].weight + std::int64_t{row} * columns, rows,
                      columns,
                      operands.weights_along_rows.data() + std::int64_t{row} * pairs(columns),
                      operands.weights_of_rows.data() + std::int64_t{row / 2} * columns);
}

// Lays a layer's inputs out as its products read them.
void DensePass::take_inputs(std::size_t layer, int first, int end) {
  const int features = layers_[layer].inputs;
  Operands& operands = operands_[layer];
  for (int panel = first; panel < end; ++panel) {
    const float* from = activations_[layer].data() + std::int64_t{panel} * features * kPanel;
    if (bf16_) {
      bf16_->pair_features(
          from, features,
          operands.inputs_by_feature.data() + std::int64_t{panel} * pairs(features) * kPanel);
      bf16_->pair_tiles(from, features, operands.input_tiles.data() + panel * tile_pairs(features));
      continue;
    }
    float* to = operands.tiles.data() + panel * tile_floats(features);
    for (std::int64_t i = 0; i < features; i += kPanel) {
      kernels_.transpose(from + i * kPanel, kPanel,
                         static_cast<int>(std::min<std::int64_t>(features - i, kPanel)), kPanel,
                         to + i * kPanel, kPanel);
    }
  }
}

void DensePass::take_gradients(std::size_t layer, int first, int end, bool goes_back) {
  if (!bf16_) return;
  const int features = layers_[layer].outputs;
  Operands& operands = operands_[layer];
  for (int panel = first; panel < end; ++panel) {
    const float* from = gradients(layer) + std::int64_t{panel} * features * kPanel;
    bf16_->pair_samples(
        from, features,
        operands.gradients_by_sample.data() + std::int64_t{panel} * features * kPanel / 2);
    if (!goes_back) continue;
    bf16_->pair_features(
        from, features,
        operands.gradients_by_feature.data() + std::int64_t{panel} * pairs(features) * kPanel);
  }
}

// weight · inputs
void DensePass::run_layer(const float* parameters, std::size_t at, int first, int end) {
  const DenseLayer& layer = layers_[at];
  const auto product_of = [&]<class Element>(const Element* weights, const Element* inputs,
                                             int length) {
    return over_panels(weights, length, 1, inputs, length, activations_[at + 1].data(),
                       layer.outputs, first, end);
  };
  const Operands& operands = operands_[at];
  if (bf16_) {
    bf16_->multiply(product_of(operands.weights_along_rows.data(),
                               operands.inputs_by_feature.data(), pairs(layer.inputs)));
  } else {
    kernels_.multiply(product_of(parameters + layer.weight, activations_[at].data(), layer.inputs));
  }
}

void DensePass::forward(const float* parameters, int first, int end) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const DenseLayer& layer = layers_[i];
    take_inputs(i, first, end);
    run_layer(parameters, i, first, end);
    for (int panel = first; panel < end; ++panel) {
      kernels_.add_bias(activations_[i + 1].data() + std::int64_t{panel} * layer.outputs * kPanel,
                        layer.outputs, parameters + layer.bias, layer.leak);
    }
  }
}

// weightᵀ · gradients, of the first `features` inputs
void DensePass::run_back(const float* parameters, std::size_t at, int first, int end, int features,
                         float* before) const {
  const DenseLayer& layer = layers_[at];
  const auto product_of = [&]<class Element>(const Element* weights, const Element* gradient,
                                             int length) {
    return over_panels(weights, 1, layer.inputs, gradient, length, before, features, first, end);
  };
  const Operands& operands = operands_[at];
  if (bf16_) {
    bf16_->multiply(product_of(operands.weights_of_rows.data(),
                               operands.gradients_by_feature.data(), pairs(layer.outputs)));
  } else {
    kernels_.multiply(product_of(parameters + layer.weight, gradients(at), layer.outputs));
  }
}

void DensePass::backward(const float* parameters, int first, int end, float* input_gradient,
                         int wanted) {
  for (std::size_t i = layers_.size(); i-- > 0;) {
    float* before = i == 0 ? input_gradient : operands_[i - 1].gradients.data();
    take_gradients(i, first, end, before != nullptr);
    if (!before) return;
    const int features = i == 0 ? wanted : layers_[i].inputs;
    run_back(parameters, i, first, end, features, before);
    if (i == 0) return;
    const std::int64_t panel = std::int64_t{features} * kPanel;
    kernels_.activation_gradient(before + first * panel, activations_[i].data() + first * panel,
                                 (end - first) * panel, layers_[i - 1].leak);
  }
}

// gradients · inputsᵀ
void DensePass::weight_gradient(std::size_t at, int row, int rows, int panels, bool adds,
                                float* gradient, std::initializer_list<const float*> ahead) const {
  const DenseLayer& layer = layers_[at];
  const auto product_of = [&]<class Element>(const Element* gradients, const Element* inputs,
                                             int length) {
    ProductOf<Element> product;
    product.a = gradients + row * length;
    product.a_row = length;
    product.a_column = 1;
    product.a_segment = std::int64_t{layer.outputs} * length;
    product.b = inputs;
    product.b_row = kPanel;
    product.b_panel = std::int64_t{length} * kPanel;
    product.b_segment = tiles(layer.inputs) * product.b_panel;
    product.c = gradient;
    product.c_row = layer.inputs;
    product.rows = rows;
    product.columns = layer.inputs;
    product.length = length;
    product.segments = panels;
    product.adds = adds;
    std::ranges::copy(ahead, product.ahead);
    return product;
  };
  const Operands& operands = operands_[at];
  if (bf16_) {
    bf16_->multiply(
        product_of(operands.gradients_by_sample.data(), operands.input_tiles.data(), kPanel / 2));
  } else {
    kernels_.multiply(product_of(gradients(at), operands.tiles.data(), kPanel));
  }
}

void DensePass::bias_gradient(std::size_t at, int row, int rows, int panels, bool adds,
                              float* gradient) const {
  if (!adds) std::fill_n(gradient, rows, 0.0F);
  for (int panel = 0; panel < panels; ++panel) {
    const std::int64_t from = (std::int64_t{panel} * layers_[at].outputs + row) * kPanel;
    kernels_.add_row_sums(gradients(at) + from, rows, gradient);
  }
}

}  // namespace zscape
