#pragma once

#include <cstdint>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// These functions only read the weights and share their work among the calling thread's team
// (team.h). If progress says stop, they end with ErrorCode::cancelled; add_losses() returns what is
// done. indices null: the whole split.

// μ and σ of rows of a split; the caller sets step and revision. Inputs are binarised with seed 0,
// so that an input keeps its code.
Expected<Codes> encode_rows(const Autoencoder& model, const Dataset& data, SplitName split,
                            const Indices& indices, const Progress& progress);

// Losses of each input.
struct InputLosses {
  InputLosses(const ModelSpec& spec, std::size_t inputs);  // zeros

  std::vector<float> reconstruction;  // [n], with one sampled z
  std::vector<float> kl;              // [n]; empty without a prior
  std::vector<float> mse;             // [n], with z = μ
};

// Test losses with one sampled z of the input that the kind corrupts or hides, and the squared
// error with z = μ of the clean input. With a noise in the settings, both read inputs with that
// noise.
Expected<InputLosses> input_losses(const Autoencoder& model, const Dataset& data, SplitName split,
                                   const Indices& indices, const EvaluationSettings& settings,
                                   const Progress& progress);

// See FrozenModel::add_losses().
Expected<LossSums> add_losses(LossSums sums, const Autoencoder& model, const Dataset& data,
                              SplitName split, const Indices& indices,
                              const EvaluationSettings& settings, const Progress& progress);

// Outputs of a decoder in the data's own units, [n, d]. are_bytes: of those data, else of the data
// that the model was trained on (Dataset::are_bytes).
std::vector<double> in_own_units(const ModelSpec& spec, bool are_bytes, const at::Tensor& outputs);

Expected<Reconstructions> reconstruct_rows(const Autoencoder& model, const Dataset& data,
                                           SplitName split, const Indices& indices,
                                           std::uint64_t seed);

}  // namespace zscape
