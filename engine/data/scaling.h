#pragma once

#include <memory>

#include "engine/dataset.h"

namespace zscape {

// How networks are to read these inputs: null where those of both splits lie in [0, 1] (bytes do),
// else the mean and the deviation (of the population) of each input over the training split, worked
// out in float64; an input that never changes there gets the deviation 1. The values must be
// finite.
std::shared_ptr<const Scaling> find_scaling(const Dataset& data);

}  // namespace zscape
