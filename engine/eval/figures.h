#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <span>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/figures.h"
#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// All figures of `zscape eval` over a whole split. Only reads the weights; runs on the calling
// thread with its ATen threads; progress can cancel it.
//
// importance_samples: for each input, for both estimates of log p(x); below 1 these are absent.
// With a noise in the settings, only reconstruction, kl, elbo and mse are measured (the elbo is
// still a bound on log p of the clean input, since any code may be proposed).
Expected<Figures> evaluate_figures(const Autoencoder& model, const Dataset& data, SplitName split,
                                   int importance_samples, const EvaluationSettings& settings,
                                   const Progress& progress);

// Whether the Bernoulli figure of a split is no density: its pixels are grey (docs/DESIGN.md).
bool is_mere_score(const ModelSpec& spec, const Split& split);

// The share of queries whose label is the most frequent among their k nearest reference codes
// (Euclidean; the nearest code decides a tie). references: [M, d], queries: [N, d]. self: the
// queries are the references, and none is its own neighbour.
Expected<double> neighbour_accuracy(const at::Tensor& references,
                                    std::span<const int> reference_labels,
                                    const at::Tensor& queries, std::span<const int> query_labels,
                                    int k, bool self, const Progress& progress);

// The mean of (b − a) / max(a, b) over the points: a is the mean Euclidean distance to the others
// with the same label, b the least mean distance to the points of another label (Rousseeuw 1987).
// A point that is alone with its label counts 0. Absent unless there are two labels. points:
// [n, k]; takes n² · 8 bytes.
std::optional<double> silhouette(const at::Tensor& points, std::span<const int> labels);

}  // namespace zscape
