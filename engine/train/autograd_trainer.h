#pragma once

#include <functional>
#include <memory>

#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"
#include "engine/trainer.h"

namespace zscape {

// Makes the immutable view of weights that Trainer::freeze() hands out. revision differs with
// each call.
using Freezer = std::function<FrozenModelPtr(Autoencoder weights, std::int64_t step)>;

// Trains with LibTorch's autograd and its fused Adam (Kingma and Ba 2015; β 0.9 and 0.999,
// ε 1e-8, bias corrected).
std::unique_ptr<Trainer> make_autograd_trainer(Autoencoder start,
                                               std::shared_ptr<const Dataset> data,
                                               std::uint64_t seed, Freezer freezer);

}  // namespace zscape
