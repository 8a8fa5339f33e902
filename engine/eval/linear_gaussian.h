#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/figures.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/progress.h"

namespace zscape {

// x = W z + b + s ε with z and ε from N(0, I): all of log p(x), the posterior and the gaps has a
// closed form (Tipping and Bishop 1999). Everything is float64. An immutable value.
class LinearGaussian {
 public:
  // The generative model of a decoder of one layer under the Gaussian likelihood, or of pca: W and
  // s of maximum likelihood, which also make its posterior the encoder's. Nothing: the model is
  // neither, or a pca that does not know its data's variance or keeps all of it.
  static std::optional<LinearGaussian> of(const Autoencoder& model);

  double sigma() const { return sigma_; }               // s
  at::Tensor log_likelihood(const Batch& batch) const;  // [N], nats; log p(x | label) for cvae

  // p(z|x) = N(mean, precision⁻¹), with one precision I + WᵀW / s² for all inputs.
  at::Tensor posterior_mean(const Batch& batch) const;        // [N, k]
  const at::Tensor& precision() const { return precision_; }  // [k, k]
  at::Tensor posterior_kl(const Batch& batch) const;          // [N], to N(0, I)

  // log p(x) − ELBO(q) of q = N(mean, diag exp(log_variance)), which is KL(q ‖ p(z|x)): [N].
  at::Tensor gap_of(const Batch& batch, const Posterior& q) const;
  // What the best diagonal Gaussian leaves: ½ (Σ log Λᵢᵢ − log |Λ|), Λ the precision.
  double approximation_gap() const;

 private:
  LinearGaussian(at::Tensor weight, at::Tensor label_weight, at::Tensor bias, double sigma,
                 int scored_inputs);
  at::Tensor centred(const Batch& batch) const;  // x − b: [N, d]
  at::Tensor code_of(const at::Tensor& centred) const;

  at::Tensor weight_;        // W: [d, k]
  at::Tensor label_weight_;  // [d, c] for cvae, else undefined
  at::Tensor bias_;          // [d]
  double sigma_;
  int scored_inputs_;  // the others are 0 in x, W and b
  at::Tensor precision_;
  double log_determinant_;  // of the precision
};

// The exact figures of a split by closed forms. gap_inputs as in exact_figures.h.
Expected<ExactFigures> linear_figures(const LinearGaussian& linear, const Autoencoder& model,
                                      const Dataset& data, SplitName split, std::int64_t gap_inputs,
                                      std::uint64_t seed, const Progress& progress);

// What pca says as a density of a split.
Expected<ProbabilisticPca> probabilistic_pca(const LinearGaussian& linear, const Autoencoder& model,
                                             const Dataset& data, SplitName split,
                                             const Progress& progress);

}  // namespace zscape
