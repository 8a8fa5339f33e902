#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "engine/error.h"
#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// (J D)ᵀ(J D) at each z, [n, m, m] float64: J = ∂x̂/∂z [d, k] of x̂ on the scale that the decoder
// learns, D the directions, [m, k]. J D is exact: each column is the gradient of Jᵀu, which is
// linear in u. z: [n, k]. label: of cvae, else ignored. The root of its determinant tells how a
// small area grows; under z = A u it becomes AᵀJᵀJA.
Expected<std::vector<double>> decoder_metric(const Autoencoder& model, std::span<const float> z,
                                             std::span<const float> directions, int label,
                                             const Progress& progress);

// z → x̂ → μ(x̂), σ(x̂), as FrozenModel has it.
Expected<FrozenModel::RoundTrip> round_trip_of(const Autoencoder& model, std::span<const float> z,
                                               int label, const Progress& progress);

// The shortest paths between pairs of codes, [pairs, 2, k], each of kPathPoints points, and the
// straight lines: their lengths Σ ‖x̂(z_{t+1}) − x̂(z_t)‖. Where the search found nothing shorter,
// both are equal. The caller sets step and revision.
inline constexpr int kPathPoints = 24;
Expected<PathLengths> measure_path_lengths(const Autoencoder& model, std::span<const float> ends,
                                           int label, const Progress& progress);

}  // namespace zscape
