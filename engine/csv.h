#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/curves.h"
#include "engine/dataset.h"
#include "engine/frozen_model.h"
#include "engine/input_errors.h"

namespace zscape {

// The curves as comma-separated values with a line of names: the columns of `train --json`, then
// the validation loss and the figures of the test sample. One row for each step with a measurement;
// a field without one is empty. Numbers ignore the locale, here and below.
std::string to_csv(const Curves& curves);

// A line of names, then one line for each input: index,label,mu_1..mu_k,sigma_1..sigma_k. An
// unlabelled input has an empty label; kinds without σ have no sigma columns.
std::string codes_csv(const Codes& codes, const Split& split);

// Codes and errors of some inputs of one split.
struct MeasuredInputs {
  Codes codes;
  std::vector<float> mse;  // [n], as InputErrors has it
};

// The same as index,split,label,mu_1..mu_k,sigma_1..sigma_k,mse. parts: of the same model.
std::string inputs_csv(std::span<const MeasuredInputs> parts, const Dataset& data);

// Encodes these rows of a split and measures their reconstructions.
Expected<MeasuredInputs> measure_inputs(const FrozenModel& model, const Dataset& data,
                                        SplitName split, const Indices& rows, std::uint64_t seed,
                                        const Progress& progress);

}  // namespace zscape
