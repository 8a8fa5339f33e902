#include "engine/eval/kernel_classifier.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "engine/model/batch.h"

namespace zscape {
namespace {

constexpr double kSharpness = 2;
constexpr double kRidge = 0.1;
constexpr std::int64_t kMedianCodes = 2000;  // more would not move the median

// exp(−scale ‖a − b‖²): [n, m]
at::Tensor kernel(const at::Tensor& a, const at::Tensor& b, const at::Tensor& scale) {
  const at::Tensor norms = a.square().sum(1).unsqueeze(1) + b.square().sum(1).unsqueeze(0);
  return at::exp(-scale * at::addmm(norms, a, b.t(), 1, -2).clamp_min(0));
}

}  // namespace

KernelClassifier::KernelClassifier(const at::Tensor& codes, const at::Tensor& targets)
    : centres_(codes) {
  if (codes.size(0) > 1) {
    const at::Tensor some = codes.detach().narrow(0, 0, std::min(codes.size(0), kMedianCodes));
    scale_ = kSharpness / at::pdist(some).median().square().clamp_min(1e-30);
  } else {
    scale_ = at::ones({}, codes.options().requires_grad(false));
  }
  const at::Tensor ridge = kRidge * at::eye(codes.size(0), codes.options().requires_grad(false));
  const at::Tensor root = at::linalg_cholesky(kernel(centres_, centres_, scale_) + ridge);
  weights_ = at::cholesky_solve(targets.to(codes.scalar_type()), root);
}

at::Tensor KernelClassifier::scores(const at::Tensor& codes) const {
  return at::mm(kernel(codes, centres_, scale_), weights_);
}

at::Tensor class_targets(std::span<const int> labels, int classes) {
  return 2 * one_hot(labels, classes) - 1;
}

}  // namespace zscape
