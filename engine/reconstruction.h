#pragma once

#include <cstdint>
#include <vector>

#include "engine/command.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/frozen_model.h"

namespace zscape {

// One input, what was left of it for the encoder to read, and what came back. Pictures of [d]
// values in [0, 1].
struct Reconstruction {
  Reconstruct asked;
  std::uint64_t revision = 0;  // of the weights
  std::vector<float> clean;
  std::vector<float> seen;           // corrupted (dae), patches hidden (mae)
  std::vector<float> output;         // z = μ; mae: what was seen as it is, the rest completed
  std::vector<std::uint8_t> hidden;  // [d], 1 where mae hid it; empty for other kinds
};

// Whether reconstruction() can corrupt by any amount. Where the pixels are binarised first, only
// the model itself can (its reconstruct()), and that by its own amount.
bool takes_any_amount(const ModelSpec& spec);

// Corrupts one input as a dae or mae of this spec learns from, by the amount that is asked for, and
// restores it. The same seed draws the same noise: more of it covers what less of it covered. Other
// kinds read the input as it is. Any thread that has entered the backend.
Expected<Reconstruction> reconstruction(const FrozenModel& model, const Dataset& data,
                                        const Reconstruct& asked);

}  // namespace zscape
