#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/frozen_model.h"

namespace zscape {

// The labelled inputs of one draw, in random order: all that a few-label classifier may read.
struct GivenLabels {
  std::vector<std::int64_t> rows;  // of the training split
  std::vector<int> labels;         // theirs, each in [0, classes)
  int classes = 0;
};

// The draw-th choice of labelled inputs: labels / classes from each class; a remainder goes to
// random classes, one each. Depends only on the task's seed and number of labels, on draw and on
// the data. Fails if the data has no labels or too few inputs of a class.
Expected<GivenLabels> draw_labels(const Dataset& data, const FewLabels& task, int draw);

// Places in a list of labels, divided for early stopping.
struct DividedLabels {
  std::vector<std::int64_t> kept;
  std::vector<std::int64_t> held;  // a fifth of each class, at least one of two or more
};
DividedLabels divided(std::span<const int> labels, int classes);

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
