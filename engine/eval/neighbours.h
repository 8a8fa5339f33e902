#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// The share of queries whose label is the most frequent among their k nearest reference codes
// (Euclidean; the nearest code decides a tie). references: [M, d], queries: [N, d]. self: the
// queries are the references, and none is its own neighbour.
Expected<double> neighbour_accuracy(const at::Tensor& references,
                                    std::span<const int> reference_labels,
                                    const at::Tensor& queries, std::span<const int> query_labels,
                                    int k, bool self, const Progress& progress);

}  // namespace zscape
