#pragma once

#include <memory>

#include "engine/kernels/kernels.h"
#include "engine/model/autoencoder.h"
#include "engine/trainer.h"
#include "engine/training/trainers/freezer.h"

namespace zscape {

// Whether the fused trainer knows this model: fully connected, one sample of z, the ELBO.
bool is_fused(const ModelSpec& spec);

struct FusedOptions {
  int threads = 1;  // of its own; they change no bits
  const Kernels* kernels = usable_kernels().front();
  const Bf16Kernels* bf16 = nullptr;  // products in bf16; null: in single precision
};

// Trains such a model with gradients worked out by hand, in memory that is allocated once; for the
// rest as make_autograd_trainer(). Weights, moments and sums are in single precision always.
std::unique_ptr<Trainer> make_fused_trainer(Autoencoder start, const TrainingTask& task,
                                            Freezer freezer, const FusedOptions& options);

}  // namespace zscape
