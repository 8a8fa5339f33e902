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
