#pragma once

#include <cstdint>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// All functions here read the weights only, run on the calling thread with its ATen threads, and
// end with the Error "cancelled" where progress says stop. indices: null means the whole split.

// μ and σ of rows of a split; step and revision of the result are left at 0.
Expected<Codes> encode_rows(const Autoencoder& model, const Dataset& data, SplitName split,
                            const Indices& indices, const Progress& progress);

// Mean test losses with one sampled z (evaluation stream of the seed), and the mean squared error
// with z = μ.
Expected<Losses> evaluate_losses(const Autoencoder& model, const Dataset& data, SplitName split,
                                 const Indices& indices, double kl_weight, std::uint64_t seed,
                                 const Progress& progress);

// All figures of `zscape eval`.
Expected<Figures> evaluate_figures(const Autoencoder& model, const Dataset& data, SplitName split,
                                   int importance_samples, std::uint64_t seed,
                                   const Progress& progress);

}  // namespace zscape
