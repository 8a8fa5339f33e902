#pragma once

#include <memory>

#include "engine/model/autoencoder.h"
#include "engine/trainer.h"
#include "engine/training/trainers/freezer.h"

namespace zscape {

// Trains every kind but pca with LibTorch's autograd and its fused Adam (Kingma and Ba 2015; β 0.9
// and 0.999, ε 1e-8, bias corrected). Begins with the weights `start`, whatever the task says.
std::unique_ptr<Trainer> make_autograd_trainer(Autoencoder start, const TrainingTask& task,
                                               Freezer freezer);

}  // namespace zscape
