#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/frozen_model.h"
#include "engine/kernels/kernels.h"
#include "engine/model/autoencoder.h"
#include "engine/trainer.h"
#include "engine/training/trainers/accelerator.h"

namespace zscape {

// Makes the immutable model that Trainer::freeze() returns, with a new revision for each call.
using Freezer = std::function<FrozenModelPtr(Autoencoder weights, std::int64_t step)>;

// Trains every kind but pca with LibTorch's autograd and its fused Adam (Kingma and Ba 2015; β 0.9
// and 0.999, ε 1e-8, bias corrected). Begins with the weights `start`, whatever the task says.
std::unique_ptr<Trainer> make_autograd_trainer(Autoencoder start, const TrainingTask& task,
                                               Freezer freezer);

// Fits pca in the first step, which is the only epoch: the eigenvectors of the rows' covariance in
// double precision, by falling variance, each signed so that its largest loading is positive. The
// encoder is (W, −W·mean), the decoder (Wᵀ, mean). Later steps change nothing. Refuses more axes
// than the rows' rank, unless it begins with a fitted model.
Expected<std::unique_ptr<Trainer>> make_pca_trainer(Autoencoder start, const TrainingTask& task,
                                                    Freezer freezer);

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

// Trains any model that why_no_ranks() does not refuse together with the other ranks of the task,
// on the CPU. Each computes its part of every batch; one sum over all ranks gives the batch's
// gradient and losses. Order, noise and start are those of one process alone, so that losses differ
// by the order of summation only. As many ranks with as many threads give the same bits.
std::unique_ptr<Trainer> make_ranks_trainer(Autoencoder start, const TrainingTask& task,
                                            Freezer freezer);

// Why several processes cannot train this model together; empty: they can.
std::string why_no_ranks(const ModelSpec& spec);

struct DeviceOptions {
  std::shared_ptr<Accelerator> accelerator;
  bool bf16 = false;  // products of fully connected models in bf16
};

// Trains any model but pca on a GPU, which holds the data as bytes. A whole step, from gathering
// the batch to Adam's update, is one recording; it reads λ, the learning rate and the place of the
// batch from the GPU's memory. step() takes as many steps of one epoch as fit in about 16 ms and
// waits once. Noise comes from the GPU's generator, so runs agree with the CPU's in distribution,
// not in bits. Throws std::runtime_error with one line if the GPU's memory is full. A step() that
// throws has taken no step: after an error it first returns the steps taken, and the next step()
// throws.
std::unique_ptr<Trainer> make_device_trainer(Autoencoder start, const TrainingTask& task,
                                             Freezer freezer, DeviceOptions options);

}  // namespace zscape
