#pragma once

#include <memory>

#include "engine/dataset.h"

namespace zscape {

// Null if the inputs of both splits lie in [0, 1] (bytes do). Otherwise the mean and the population
// deviation of each input over the training split, computed in float64; a constant input gets the
// deviation 1. The values must be finite.
std::shared_ptr<const Scaling> find_scaling(const Dataset& data);

}  // namespace zscape
