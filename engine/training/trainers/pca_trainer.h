#pragma once

#include <memory>

#include "engine/trainer.h"
#include "engine/training/trainers/freezer.h"

namespace zscape {

// Fits pca in the first step, which is the only epoch: the eigenvectors of the rows' covariance in
// double precision, by falling variance, each signed so that its largest loading is positive. The
// encoder is (W, −W·mean), the decoder (Wᵀ, mean). Later steps change nothing.
std::unique_ptr<Trainer> make_pca_trainer(Autoencoder start, const TrainingTask& task,
                                          Freezer freezer);

}  // namespace zscape
