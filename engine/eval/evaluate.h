#pragma once

#include <cstdint>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// All functions here read the weights only, run on the calling thread's lanes (lanes.h), and end
// with ErrorCode::cancelled where progress says stop (add_losses() with what is done). indices:
// null means the whole split.

// μ and σ of rows of a split; step and revision of the result are left at 0. Inputs are binarised
// by seed 0, so that an input's code stays where it is.
Expected<Codes> encode_rows(const Autoencoder& model, const Dataset& data, SplitName split,
                            const Indices& indices, const Progress& progress);

// What is measured of each input, before the mean over them is taken.
struct InputLosses {
  InputLosses(const ModelSpec& spec, std::size_t inputs);  // zeros

  std::vector<float> reconstruction;  // [n], with one sampled z
  std::vector<float> kl;              // [n]; empty without a prior
  std::vector<float> mse;             // [n], with z = μ
};

// Test losses with one sampled z, corrupted and hidden as the kind has it, and the squared error
// with z = μ of the uncorrupted input. Where the settings name a noise, both read inputs corrupted
// by it.
Expected<InputLosses> input_losses(const Autoencoder& model, const Dataset& data, SplitName split,
                                   const Indices& indices, const EvaluationSettings& settings,
                                   const Progress& progress);

// Their sums, as FrozenModel::add_losses() has them.
Expected<LossSums> add_losses(LossSums sums, const Autoencoder& model, const Dataset& data,
                              SplitName split, const Indices& indices,
                              const EvaluationSettings& settings, const Progress& progress);

Expected<Reconstructions> reconstruct_rows(const Autoencoder& model, const Dataset& data,
                                           SplitName split, const Indices& indices,
                                           std::uint64_t seed);

}  // namespace zscape
