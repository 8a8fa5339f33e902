#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/error.h"
#include "engine/eval/pair_likelihood.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/model/corruption.h"
#include "engine/progress.h"
#include "engine/random.h"

namespace zscape {

// Estimates of log p(x) for each input, [N], float64, in nats; log p(x | label) for cvae. Only
// kinds with a prior have them. Both sum in the log domain and work in pieces of fixed size. In
// expectation they rise to log p(x) with the number of samples ≥ 1. progress can cancel them.

// log (1/n) Σ_i p(x|z_i) p(z_i) / q(z_i|x) with z_i ~ q(z|x) (Burda et al. 2016, equation 8). An
// input's draws depend on its counter in `draws`.
Expected<at::Tensor> importance_log_likelihood(const Autoencoder& model, const Batch& batch,
                                               int samples, const RowDraws& draws,
                                               const Progress& progress);

// log (1/n) Σ_i p(x|z_i) with z_i ~ p(z), the same z_i for all inputs. Far below log p(x) unless n
// is very large, since few draws come near the codes of an input.
Expected<at::Tensor> prior_log_likelihood(const Autoencoder& model, const Batch& batch, int samples,
                                          std::uint64_t seed, const Progress& progress);

// Sums of weights w of draws that grow in number: [N] each, float64.
struct WeightSums {
  at::Tensor log_sum, log_sum_of_squares;  // log Σ w, log Σ w²
  std::int64_t samples = 0;

  explicit WeightSums(std::int64_t inputs);
  at::Tensor log_likelihood() const;  // log (1/n) Σ w
  at::Tensor effective() const;       // samples, (Σ w)² / Σ w²
};

// The importance estimate of the same inputs with more and more draws, each counted once. Works
// with the calling thread's team. The model must outlive it.
class GrowingImportance {
 public:
  GrowingImportance(const Autoencoder& model, const Batch& batch, const Posterior& posterior,
                    const RowDraws& draws);
  // False: cancelled.
  bool grow_to(std::int64_t samples, const Progress& progress);
  const WeightSums& sums() const { return sums_; }

 private:
  const Autoencoder& model_;
  const Batch batch_;
  const Posterior posterior_;
  std::vector<Random> generators_;  // one an input
  WeightSums sums_;
};

// The prior estimate likewise.
class GrowingPrior {
 public:
  GrowingPrior(const Autoencoder& model, const Batch& batch, std::uint64_t seed);
  bool grow_to(std::int64_t samples, const Progress& progress);
  const WeightSums& sums() const { return sums_; }

 private:
  const Autoencoder& model_;
  const at::Tensor x_;  // [N, d], float64
  const std::vector<LabelGroup> groups_;
  const std::uint64_t seed_;
  WeightSums sums_;
};

}  // namespace zscape
