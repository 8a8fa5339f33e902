#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/error.h"
#include "engine/frozen_model.h"
#include "engine/progress.h"

namespace zscape {

// The reconstruction errors of some inputs: the answer to MeasureErrors. Immutable.
struct InputErrors {
  SplitName split = SplitName::train;
  Indices indices;         // [n]: which rows of the split
  std::vector<float> mse;  // [n], z = μ, of what the network sees, as Losses::mse
  // [n], z = μ: the model's own reconstruction term, in nats, where it is the Bernoulli one; empty
  // where the mean squared error orders the inputs as the term does.
  std::vector<float> term;
  std::uint64_t revision = 0;  // of the weights that were measured
  double seconds = 0;          // that it took
};
using InputErrorsPtr = std::shared_ptr<const InputErrors>;

// Measures the rows in pieces, so that a whole data set needs little memory.
Expected<InputErrors> measure_errors(const FrozenModel& model, const Dataset& data, SplitName split,
                                     const Indices& indices, std::uint64_t seed,
                                     const Progress& progress);

}  // namespace zscape
