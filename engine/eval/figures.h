#pragma once

#include "engine/dataset.h"
#include "engine/error.h"
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

// KL of the Gaussian with the mean and covariance of the aggregate posterior (1/N) Σ q(z|x_n) to
// N(0, I), in nats: ½ (tr S + mᵀm − k − log det S), S = Cov μ + diag E σ². codes must have σ.
double aggregate_kl(const Codes& codes);

// How many dimensions of μ vary by more than 0.01 over the inputs (Burda et al. 2016, appendix C).
int active_units(const Codes& codes);

}  // namespace zscape
