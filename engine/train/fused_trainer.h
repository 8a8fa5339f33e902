#pragma once

#include <memory>

#include "engine/model/autoencoder.h"
#include "engine/train/freezer.h"
#include "engine/trainer.h"

namespace zscape {

// Whether the fused trainer knows this model: fully connected, one sample of z, the ELBO.
bool is_fused(const ModelSpec& spec);

// Trains such a model with gradients worked out by hand, in memory that is allocated once, on so
// many threads of its own; for the rest as make_autograd_trainer().
std::unique_ptr<Trainer> make_fused_trainer(Autoencoder start, const TrainingTask& task,
                                            Freezer freezer, int threads);

}  // namespace zscape
