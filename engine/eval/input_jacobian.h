#pragma once

#include <cstdint>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/input_jacobian.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// See FrozenModel::input_jacobian(); the caller sets step and revision. Only reads the weights.
// Inputs are binarised with seed 0, as where they are encoded.
Expected<InputJacobian> input_jacobian(const Autoencoder& model, const Dataset& data,
                                       SplitName split, const std::vector<std::int64_t>& rows,
                                       const Progress& progress);

}  // namespace zscape
