#pragma once

#include <cstdint>
#include <vector>

#include "engine/command.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/frozen_model.h"

namespace zscape {

// One input, what the encoder read of it, and its reconstruction: pictures of [d] values in [0, 1].
struct Reconstruction {
  Reconstruct asked;
  std::uint64_t revision = 0;  // of the weights
  std::vector<float> clean;
  std::vector<float> seen;           // corrupted (dae), patches hidden (mae)
  std::vector<float> output;         // z = μ; mae: what was seen as it is, the rest completed
  std::vector<std::uint8_t> hidden;  // [d], 1 where mae hid it; empty for other kinds
};

// Whether reconstruction() can corrupt by any amount. With binarised pixels only the model itself
// corrupts, by its own amount.
bool takes_any_amount(const ModelSpec& spec);

// Corrupts one input like the training of a dae or mae, by the requested amount, and reconstructs
// it. For one seed, a larger amount also covers what a smaller one covers. Other kinds read the
// input unchanged. Any thread that has entered the backend.
Expected<Reconstruction> reconstruction(const FrozenModel& model, const Dataset& data,
                                        const Reconstruct& asked);

}  // namespace zscape
