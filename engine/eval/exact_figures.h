#pragma once

#include <cstdint>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/figures.h"
#include "engine/input_gaps.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// The exact figures of a split for a model with a density p(x|z) and a prior over one or two
// dimensions, or with a linear decoder under the Gaussian likelihood, or a pca, of any number.
// gap_inputs: of how many inputs, drawn by the seed, the best Gaussians are searched for.
Expected<ExactFigures> exact_figures(const Autoencoder& model, const Dataset& data, SplitName split,
                                     std::int64_t gap_inputs, std::uint64_t seed,
                                     const Progress& progress);

// Both gaps of rows of a split, which rise, one after the other: log p(x) within some thousandths
// of a nat. before: of earlier weights; its best Gaussians are where the search begins. The answer
// lacks revision, step and seconds.
Expected<InputGaps> input_gaps(const Autoencoder& model, const Dataset& data, SplitName split,
                               const Indices& indices, std::uint64_t seed,
                               const InputGapsPtr& before, const Progress& progress);

}  // namespace zscape
