#pragma once

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/figures.h"
#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// All figures of `zscape eval` over a whole split. Reads the weights only, runs on the calling
// thread with its ATen threads, and ends with ErrorCode::cancelled where progress says stop.
//
// importance_samples: of each input, for both estimates of log p(x); below 1 they are absent.
// Where the settings name a noise, the figures are those that it changes: reconstruction, kl, elbo
// (still a bound on log p of the clean input, since any code may be proposed), mse. The others
// belong to clean inputs, and are absent then.
Expected<Figures> evaluate_figures(const Autoencoder& model, const Dataset& data, SplitName split,
                                   int importance_samples, const EvaluationSettings& settings,
                                   const Progress& progress);

}  // namespace zscape
