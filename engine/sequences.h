#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/dataset.h"
#include "engine/hold_out.h"

// Sequences whose steps are the inputs (Dataset::steps). Nothing that divides a data set tears one.
// Where data are no sequences, each input is one of a single step.
namespace zscape {

inline std::int64_t sequence_length(const Dataset& data) {
  return std::max<std::int64_t>(data.steps, 1);
}
inline std::int64_t sequence_count(const Dataset& data, SplitName split) {
  return data.split(split).count / sequence_length(data);
}

// The inputs of these sequences, in their order.
inline std::vector<std::int64_t> steps_of(const std::vector<std::int64_t>& sequences,
                                          std::int64_t length) {
  std::vector<std::int64_t> steps;
  steps.reserve(sequences.size() * static_cast<std::size_t>(length));
  for (const std::int64_t sequence : sequences) {
    for (std::int64_t step = 0; step < length; ++step) steps.push_back(sequence * length + step);
  }
  return steps;
}

// Inputs that are held out: HoldOut::rows counts sequences.
inline std::int64_t held_out_inputs(const HoldOut& hold_out, const Dataset& data) {
  return hold_out.rows * sequence_length(data);
}

}  // namespace zscape
