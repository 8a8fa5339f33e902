#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/model_spec.h"

namespace zscape {

// Which spectrum of some data a KL weight is measured against.
struct SpectrumKind {
  Likelihood likelihood = Likelihood::gaussian;  // gaussian (also for mse) or bernoulli
  Binarise binarise = Binarise::none;

  bool operator==(const SpectrumKind&) const = default;
};

// What decides which latent dimensions a KL weight leaves alive.
struct Spectrum {
  SpectrumKind kind;
  // Falling, ≥ 0. Gaussian decoders: of the covariance Σ of the training inputs, as networks read
  // them. Bernoulli: of D^−½ Σ D^−½, D = diag(m (1 − m)), m the mean input. Inputs that never
  // change have a 0 each. With dynamic binarisation Σ is that of the drawn pixels.
  std::vector<double> eigenvalues;
  std::int64_t rows = 0;  // behind it
  int scored_inputs = 0;  // d of mse's mean
  std::string why_not;    // a sentence where it could not be measured; empty: it was
};
using SpectrumPtr = std::shared_ptr<const Spectrum>;

// The spectrum that decides for models of this spec; nothing: none does, as why_no_forecast says.
std::optional<SpectrumKind> spectrum_for(const ModelSpec& spec);
// A sentence; empty: there is a forecast.
std::string why_no_forecast(const ModelSpec& spec);

struct Forecast {
  double threshold = 0;   // an eigenvalue above it keeps a dimension alive
  std::int64_t live = 0;  // of `latent` dimensions, or as many as the data would fill
  double rate = 0;        // KL in nats an input: ½ Σ max(0, ln(ℓ / threshold)) of those alive
  // Σ (x − x̂)² an input, with z drawn: the threshold for each live dimension, and the eigenvalues
  // of all others. Means nothing with a Bernoulli decoder.
  double squared_error = 0;
};

// By how much λ is multiplied to be the threshold: s² of a Gaussian decoder, d / 2 with mse, 1 with
// Bernoulli, where D has taken the variance into the spectrum. sigma: s; ignored but for gaussian.
double threshold_of_one(const Spectrum& spectrum, Likelihood likelihood, double sigma);

// What training a VAE with this λ comes to. With a Gaussian decoder the threshold is exact where
// the decoder is linear (Tipping and Bishop 1999; Lucas et al. 2019). With a Bernoulli decoder it
// holds by the same argument where codes tell little. latent: null: not capped.
Forecast forecast(const Spectrum& spectrum, Likelihood likelihood, double kl_weight, double sigma,
                  std::optional<int> latent);

// The reconstruction term that this squared error comes to, as a loss has it (docs/DESIGN.md); NaN
// with a Bernoulli decoder.
double linear_reconstruction(const Forecast& forecast, const Spectrum& spectrum,
                             Likelihood likelihood, double sigma);

}  // namespace zscape
