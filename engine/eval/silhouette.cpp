#include "engine/eval/silhouette.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <limits>
#include <vector>

namespace zscape {

std::optional<double> silhouette(const at::Tensor& points, std::span<const int> labels) {
  const at::NoGradGuard no_grad;
  const std::vector<std::int64_t> values(labels.begin(), labels.end());
  const auto [unique, inverse, counts] =
      at::_unique2(at::tensor(values, at::kLong), /*sorted=*/true, /*return_inverse=*/true,
                   /*return_counts=*/true);
  const std::int64_t classes = unique.numel();
  if (classes < 2) return std::nullopt;
  const at::Tensor member = at::one_hot(inverse, classes).to(at::kDouble);  // [n, c]
  const at::Tensor size = counts.to(at::kDouble);                           // [c]
  const at::Tensor own = inverse.unsqueeze(1);                              // [n, 1]
  const at::Tensor own_size = size.index_select(0, inverse);                // [n]
  const at::Tensor x = points.to(at::kDouble);
  constexpr int kWithoutMatrixProduct = 2;  // it would lose small distances
  const at::Tensor distance = at::cdist(x, x, 2, kWithoutMatrixProduct);  // [n, n]
  const at::Tensor sum = at::mm(distance, member);                        // [n, c]

  // A point's own distance of 0 must not enter its mean.
  const at::Tensor within = sum.gather(1, own).squeeze(1) / (own_size - 1).clamp_min(1);
  const at::Tensor between =
      std::get<0>((sum / size).scatter(1, own, std::numeric_limits<double>::infinity()).min(1));
  const at::Tensor score =
      ((between - within) / at::maximum(between, within)).nan_to_num(0);  // 0/0: all in one place
  return at::where(own_size.gt(1), score, 0.0).mean().item<double>();
}

}  // namespace zscape
