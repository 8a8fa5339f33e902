#pragma once

#include <memory>

#include "engine/kernels/kernels.h"
#include "engine/model/autoencoder.h"
#include "engine/trainer.h"
#include "engine/training/trainers/freezer.h"

namespace zscape {

// Whether the fused trainer can train this model: fully connected, one sample of z, the ELBO.
bool is_fused(const ModelSpec& spec);

struct FusedOptions {
  int threads = 1;  // their number does not change the bits
  const Kernels* kernels = usable_kernels().front();
  const Bf16Kernels* bf16 = nullptr;  // products in bf16; null: in single precision
};

// Trains such a model with gradients derived by hand, in memory allocated once; otherwise like
// make_autograd_trainer(). Weights, moments and sums are always in single precision.
std::unique_ptr<Trainer> make_fused_trainer(Autoencoder start, const TrainingTask& task,
                                            Freezer freezer, const FusedOptions& options);

}  // namespace zscape
