#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "engine/kernels/kernels.h"

namespace zscape {

// One fully connected layer and the activation behind it.
struct DenseLayer {
  int inputs = 0, outputs = 0;
  std::int64_t weight = 0, bias = 0;  // where they begin among the parameters
  float leak = 1;                     // max(x, leak · x); 1: none
};

// Takes panels of samples forward and back through a stack of layers. Panels are independent, and
// so are rows of weights, so threads may divide both. bf16 kernels round the operands of products
// and sum in single precision.
class DensePass {
 public:
  DensePass(std::vector<DenseLayer> layers, const Kernels& kernels, const Bf16Kernels* bf16,
            int most_panels);

  const std::vector<DenseLayer>& layers() const { return layers_; }
  int inputs() const { return layers_.front().inputs; }
  int outputs() const { return layers_.back().outputs; }

  // The inputs, [inputs, kPanel] a panel; the caller fills them.
  float* input(int panel) {
    return activations_[0].data() + std::int64_t{panel} * inputs() * kPanel;
  }
  // The last layer's results, [outputs, kPanel] a panel. Before backward(), the caller replaces
  // them by the gradient of the loss.
  float* output(int panel) {
    return activations_.back().data() + std::int64_t{panel} * outputs() * kPanel;
  }

  // Call this after rows of a layer's weights have changed; row: even.
  void take_weights(const float* parameters, std::size_t layer, int row, int rows);

  // The panels first … end − 1.
  void forward(const float* parameters, int first, int end);

  // Back through the layers. input_gradient: the gradient of the first `wanted` inputs,
  // [wanted, kPanel] a panel, or null.
  void backward(const float* parameters, int first, int end, float* input_gradient, int wanted);

  // After backward(): the gradients of some rows of a layer's weights, [rows, inputs], and of their
  // biases, summed over the panels 0 … panels − 1 in order, so that the division of work changes
  // nothing. adds: adds to what is there. ahead: up to three arrays with the gradient's layout,
  // which are needed next.
  void weight_gradient(std::size_t layer, int row, int rows, int panels, bool adds, float* gradient,
                       std::initializer_list<const float*> ahead) const;
  void bias_gradient(std::size_t layer, int row, int rows, int panels, bool adds,
                     float* gradient) const;

 private:
  // Further operands of one layer's products.
  struct Operands {
    std::vector<float>
        gradients;             // of its results; empty for the last layer, whose results hold them
    std::vector<float> tiles;  // inputs as [⌈inputs / kPanel⌉, samples, kPanel] a panel
    // As Bf16Kernels has them.
    std::vector<Bf16Pair> inputs_by_feature, input_tiles;
    std::vector<Bf16Pair> gradients_by_feature, gradients_by_sample;
    std::vector<Bf16Pair> weights_along_rows, weights_of_rows;
  };

  const float* gradients(std::size_t layer) const;
  void take_inputs(std::size_t layer, int first, int end);
  void take_gradients(std::size_t layer, int first, int end, bool goes_back);
  void run_layer(const float* parameters, std::size_t layer, int first, int end);
  void run_back(const float* parameters, std::size_t layer, int first, int end, int features,
                float* before) const;

  std::vector<DenseLayer> layers_;
  const Kernels& kernels_;
  const Bf16Kernels* bf16_;
  std::vector<std::vector<float>> activations_;  // before each layer and after the last
  std::vector<Operands> operands_;               // of each layer
};

}  // namespace zscape
