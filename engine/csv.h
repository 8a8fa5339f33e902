#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/curves.h"
#include "engine/dataset.h"
#include "engine/frozen_model.h"
#include "engine/input_errors.h"

namespace zscape {

// A field of comma-separated values, in quotes where it needs them.
std::string csv_field(const std::string& text);

// The curves as comma-separated values with a line of names: the columns of `train --json`, then
// the validation loss and the figures of the test sample. One row for each step with a measurement;
// a field without one is empty. Numbers ignore the locale, here and below.
std::string to_csv(const Curves& curves);

// One input of these codes.
struct CodePlace {
  const Codes* codes = nullptr;
  std::size_t place = 0;  // in the codes
};

// All inputs of both: where zscape split the data, in the order that the user's data have.
std::vector<CodePlace> in_data_order(std::span<const Codes> parts, const Dataset& data);

// A line of names, then one line for each input: index,split,row,label,mu_1..mu_k,
// sigma_1..sigma_k, with the file behind the row where the data are files, and the data's metadata
// at the end. An unlabelled input has an empty label; kinds without σ have no sigma columns.
std::string codes_csv(std::span<const CodePlace> places, const Dataset& data);

// index,split,row and, where the data are files, file, or of sequences sequence,step: the names,
// and those of one input.
std::string place_names(const Dataset& data);
std::string place_fields(const Dataset& data, SplitName split, std::int64_t index);

// Codes and errors of some inputs of one split.
struct MeasuredInputs {
  Codes codes;
  std::vector<float> mse;  // [n], as InputErrors has it
};

// The same with mse before the metadata. parts: of the same model.
std::string inputs_csv(std::span<const MeasuredInputs> parts, const Dataset& data);

// Encodes these rows of a split and measures their reconstructions.
Expected<MeasuredInputs> measure_inputs(const FrozenModel& model, const Dataset& data,
                                        SplitName split, const Indices& rows, std::uint64_t seed,
                                        const Progress& progress);

}  // namespace zscape
