#pragma once

#include <memory>

#include "engine/model/autoencoder.h"
#include "engine/trainer.h"
#include "engine/training/trainers/accelerator.h"
#include "engine/training/trainers/freezer.h"

namespace zscape {

struct DeviceOptions {
  std::shared_ptr<Accelerator> accelerator;
  bool bf16 = false;  // products of fully connected models in bf16
};

// Trains any model but pca on a GPU. The data lie there as bytes; a step, from the gathering of its
// batch to Adam's update, is one recording, whose λ, learning rate and draws are read from the
// GPU's memory. step() takes as many steps as fit in about 16 ms, in one epoch and under the same
// settings, and waits for them once. Noise comes from the GPU's generator, so runs agree with the
// CPU's in distribution, not in bits. Throws std::runtime_error, in one line, where the GPU's
// memory does not suffice. A step() that throws has taken no step: what was taken before an error is
// returned first, and the next step() throws.
std::unique_ptr<Trainer> make_device_trainer(Autoencoder start, const TrainingTask& task,
                                             Freezer freezer, DeviceOptions options);

}  // namespace zscape
