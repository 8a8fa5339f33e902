#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <span>

namespace zscape {

// The mean of (b − a) / max(a, b) over the points: a is the mean Euclidean distance to the others
// with the same label, b the least mean distance to the points of another label (Rousseeuw 1987).
// A point that is alone with its label counts 0. Absent unless there are two labels. points:
// [n, k]; takes n² · 8 bytes.
std::optional<double> silhouette(const at::Tensor& points, std::span<const int> labels);

}  // namespace zscape
