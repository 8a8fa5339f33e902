#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

// Maps codes [n, k] to points [n, d] of a surface; differentiable. The codes have the type of the
// ends (float32 or float64).
using Surface = std::function<at::Tensor(const at::Tensor& z)>;

// Σ_t ‖f(z_{t+1}) − f(z_t)‖² of a path z: [points, k], summed in float64.
double path_energy(const Surface& surface, const at::Tensor& path);

// The path of least energy between two codes [k]: [points, k], points ≥ 2, of the type of the ends.
// It is a geodesic of the metric that the surface pulls back to the codes, at constant speed (Shao,
// Kumar and Fletcher 2018; Arvanitidis et al. 2018). The search goes downhill from the straight
// line: it may end in a local minimum, but never above the line's energy. progress can cancel it.
Expected<at::Tensor> shortest_path(const Surface& surface, const at::Tensor& from,
                                   const at::Tensor& to, int points, const Progress& progress);

}  // namespace zscape
