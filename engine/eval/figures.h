#pragma once

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/figures.h"
#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// All figures of `zscape eval` over a whole split. Only reads the weights; runs on the calling
// thread with its ATen threads; progress can cancel it.
//
// importance_samples: for each input, for both estimates of log p(x); below 1 these are absent.
// With a noise in the settings, only reconstruction, kl, elbo and mse are measured (the elbo is
// still a bound on log p of the clean input, since any code may be proposed).
Expected<Figures> evaluate_figures(const Autoencoder& model, const Dataset& data, SplitName split,
                                   int importance_samples, const EvaluationSettings& settings,
                                   const Progress& progress);

}  // namespace zscape
