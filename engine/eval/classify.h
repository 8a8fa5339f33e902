#pragma once

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// Few-label classification with this model's encoder.
Expected<FewLabelAccuracy> classify(const Autoencoder& model, const Dataset& data,
                                    const FewLabels& task, const Progress& progress);

}  // namespace zscape
