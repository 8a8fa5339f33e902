#include "engine/forecast.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "engine/text.h"

namespace zscape {

std::optional<SpectrumKind> spectrum_for(const ModelSpec& spec) {
  if (!why_no_forecast(spec).empty()) return std::nullopt;
  const bool is_bernoulli = spec.likelihood == Likelihood::bernoulli;
  return SpectrumKind{is_bernoulli ? Likelihood::bernoulli : Likelihood::gaussian, spec.binarise};
}

std::string why_no_forecast(const ModelSpec& spec) {
  if (!spec.has_prior()) return tr("{} has no KL term, so no λ.", name_of(spec.kind));
  if (spec.reads_label()) {
    return tr("The forecast knows no labels, and the decoder of {} reads one.", name_of(spec.kind));
  }
  if (spec.objective != Objective::elbo) {
    return tr("The forecast is of the ELBO, and this model maximises another bound.");
  }
  return {};
}

double threshold_of_one(const Spectrum& spectrum, Likelihood likelihood, double sigma) {
  switch (likelihood) {
    case Likelihood::bernoulli:
      return 1;
    case Likelihood::gaussian:
      return sigma * sigma;
    case Likelihood::mse:
      return 0.5 * spectrum.scored_inputs;
  }
  return 1;
}

Forecast forecast(const Spectrum& spectrum, Likelihood likelihood, double kl_weight, double sigma,
                  std::optional<int> latent) {
  Forecast result;
  result.threshold = kl_weight * threshold_of_one(spectrum, likelihood, sigma);
  const auto most =
      latent ? static_cast<std::int64_t>(*latent) : std::numeric_limits<std::int64_t>::max();
  for (const double value : spectrum.eigenvalues) {
    if (result.live == most || !(value > result.threshold)) {
      result.squared_error += value;
      continue;
    }
    ++result.live;
    result.rate += 0.5 * std::log(value / result.threshold);  // infinite where λ is 0
    result.squared_error += result.threshold;
  }
  return result;
}

double linear_reconstruction(const Forecast& forecast, const Spectrum& spectrum,
                             Likelihood likelihood, double sigma) {
  const double inputs = spectrum.scored_inputs, variance = sigma * sigma;
  switch (likelihood) {
    case Likelihood::bernoulli:
      return std::numeric_limits<double>::quiet_NaN();
    case Likelihood::gaussian:
      return forecast.squared_error / (2 * variance) +
             0.5 * inputs * std::log(2 * std::numbers::pi * variance);
    case Likelihood::mse:
      return forecast.squared_error / inputs;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace zscape
