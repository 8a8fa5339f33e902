#pragma once

#include <ATen/core/Tensor.h>

#include <span>

namespace zscape {

// Regularised least squares with a Gaussian kernel (Rifkin, Yeo and Poggio 2003), the classifier on
// few labelled codes. Nothing is tuned: the kernel is exp(−2 ‖a − b‖² / m), where m is the median
// squared distance between the given codes, and the ridge is 0.1. Works in the type of the codes
// and is differentiable by them (m counts as a constant).
class KernelClassifier {
 public:
  // codes: [n, k], n ≥ 1 (m is 2 for a single code); targets: [n, c].
  KernelClassifier(const at::Tensor& codes, const at::Tensor& targets);

  at::Tensor scores(const at::Tensor& codes) const;  // [m, k] → [m, c], near the targets

 private:
  at::Tensor centres_;  // [n, k]
  at::Tensor scale_;    // scalar, 2 / m
  at::Tensor weights_;  // [n, c]
};

// The classifier's targets: [n, classes], 1 for the label and −1 for the others.
at::Tensor class_targets(std::span<const int> labels, int classes);

}  // namespace zscape
