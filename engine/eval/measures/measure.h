#pragma once

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/measures.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// One measure of measures.h. The request has passed check(), and the data fit the model. Only reads
// the weights; shares its work among the calling thread's team (team.h).
Expected<Measured> measured(const Autoencoder& model, const MeasureRequest& request,
                            const Dataset& data, const MeasureSettings& settings,
                            const Progress& progress);

}  // namespace zscape
