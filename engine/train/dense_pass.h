#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/kernels.h"

namespace zscape {

// One fully connected layer and the activation behind it.
struct DenseLayer {
  int inputs = 0, outputs = 0;
  std::int64_t weight = 0, bias = 0;  // where they begin among the parameters
  float leak = 1;                     // max(x, leak · x); 1: none
};

// Some panels of samples on their way through a stack of layers, forward and back. Not
// synchronised.
class DensePass {
 public:
  DensePass(std::vector<DenseLayer> layers, const Kernels& kernels, int most_panels);

  int inputs() const { return layers_.front().inputs; }
  int outputs() const { return layers_.back().outputs; }

  // What goes in, [inputs, kPanel] a panel: filled by the caller.
  float* input(int panel) { return activations_[0].data() + panel * inputs() * kPanel; }
  // The last layer's results, [outputs, kPanel] a panel; the caller turns them into the loss's
  // gradient before backward().
  float* output(int panel) { return activations_.back().data() + panel * outputs() * kPanel; }

  void forward(const float* parameters, int panels);

  // Adds to gradients, which lie as the parameters do, or, where they are fresh, sets those of the
  // weights; biases are always added to. input_rows: the same inputs, sample by sample, [panels ·
  // kPanel, inputs]; null: they are transposed here. input_gradient: [wanted, kPanel] a panel, of
  // the first `wanted` inputs; null: not wanted.
  void backward(const float* parameters, int panels, float* gradients, bool fresh,
                const float* input_rows, float* input_gradient, int wanted);

 private:
  const float* rows_of(std::size_t layer, int panels);

  std::vector<DenseLayer> layers_;
  const Kernels& kernels_;
  std::vector<std::vector<float>> activations_;  // before each layer, and behind the last
  std::vector<std::vector<float>> gradients_;    // of what stands before each layer but the first
  std::vector<float> rows_;
};

}  // namespace zscape
