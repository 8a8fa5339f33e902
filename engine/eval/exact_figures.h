#pragma once

#include <cstdint>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/figures.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// The exact figures of a split for a model with a density p(x|z) and a prior over one or two
// dimensions, or with a linear decoder under the Gaussian likelihood, or a pca, of any number.
// gap_inputs: of how many inputs, drawn by the seed, the best Gaussians are searched for.
Expected<ExactFigures> exact_figures(const Autoencoder& model, const Dataset& data, SplitName split,
                                     std::int64_t gap_inputs, std::uint64_t seed,
                                     const Progress& progress);

}  // namespace zscape
