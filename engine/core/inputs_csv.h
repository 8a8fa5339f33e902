#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/dataset.h"
#include "engine/frozen_model.h"
#include "engine/input_errors.h"

namespace zscape {

// Codes and errors of some inputs of one split.
struct MeasuredInputs {
  Codes codes;
  std::vector<float> mse;  // [n], as InputErrors has it
};

// A line of names, then one line for each input: index,split,label,mu_1..mu_k,sigma_1..sigma_k,mse.
// The label is a number or empty; kinds without σ have no sigma columns. Numbers ignore the locale.
// parts: of the same model.
std::string inputs_csv(std::span<const MeasuredInputs> parts, const Dataset& data);

// Encodes these rows of a split and measures their reconstructions.
Expected<MeasuredInputs> measure_inputs(const FrozenModel& model, const Dataset& data,
                                        SplitName split, const Indices& rows, std::uint64_t seed,
                                        const Progress& progress);

}  // namespace zscape
