#pragma once

#include <ATen/core/Tensor.h>

#include "engine/error.h"
#include "engine/eval/measures/parts.h"

namespace zscape {

// A classifier of pictures that learned labels of the training split: one hidden layer, trained by
// Adam on the cross entropy. The seed alone decides it. It reads pictures on the scale that the
// measured model reads, grey ones as they are.
class Judge {
 public:
  // Fails without labels. progress can cancel it.
  static Expected<Judge> learned(const MeasureTask& task, const Progress& progress);

  at::Tensor probabilities(const at::Tensor& pictures) const;  // [n, d] → [n, classes]
  double accuracy() const { return accuracy_; }                // on the test split

 private:
  at::Tensor logits(const at::Tensor& pictures) const;
  at::Tensor hidden_weight_, hidden_bias_, weight_, bias_;
  double accuracy_ = 0;
};

}  // namespace zscape
