// Measures of the codes: how many dimensions live, how many bytes they take, how far all of them
// together are from the prior.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/aggregate_posterior.h"
#include "engine/eval/evaluate.h"
#include "engine/eval/measures/parts.h"
#include "engine/eval/rows.h"
#include "engine/eval/spectrum.h"
#include "engine/figures.h"
#include "engine/forecast.h"
#include "engine/text.h"

namespace zscape {
namespace {

double mean_kl(const Codes& codes) {
  const auto k = static_cast<std::size_t>(codes.latent);
  const std::span<const float> mean(codes.mean);
  const std::span<const float> sigma(codes.sigma);
  double sum = 0;
  for (std::size_t at = 0; at < mean.size(); at += k) {
    sum += posterior_kl(mean.subspan(at, k), sigma.subspan(at, k));
  }
  return sum / static_cast<double>(codes.count());
}

}  // namespace

Expected<Measured> measure_live_dimensions(const MeasureTask& task) {
  const auto codes =
      encode_rows(task.model, task.data, SplitName::test, nullptr, part_of(task.progress, 0, 0.5));
  if (!codes) return tl::unexpected(codes.error());
  MeasuredParts parts(task);
  parts.add("live_dimensions", static_cast<double>(live_dimensions(
                                   covariance_spectrum(as_tensor(codes->mean, codes->latent)))));
  const auto kind = spectrum_for(task.spec());
  if (!kind) return parts.take();
  const auto spectrum = spectrum_of(task.data, *kind, part_of(task.progress, 0.5, 1));
  if (!spectrum) {
    if (spectrum.error().code == ErrorCode::cancelled) return tl::unexpected(spectrum.error());
    return parts.take();  // the data are too large for a forecast
  }
  const Forecast expected = forecast(*spectrum, task.spec().likelihood, task.settings.kl_weight,
                                     task.spec().sigma, task.spec().latent);
  parts.add("forecast_live", static_cast<double>(expected.live));
  parts.add("forecast_rate", expected.rate);
  return parts.take();
}

Expected<Measured> measure_bytes(const MeasureTask& task) {
  const auto codes = encode_rows(task.model, task.data, SplitName::test, nullptr, task.progress);
  if (!codes) return tl::unexpected(codes.error());
  const double bytes = value_of(task.request, "bits") / 8;
  const auto spectrum = covariance_spectrum(as_tensor(codes->mean, codes->latent));
  MeasuredParts parts(task);
  parts.add("bytes_code", bytes * codes->latent);
  parts.add("bytes_live", bytes * static_cast<double>(live_dimensions(spectrum)));
  if (task.spec().has_prior()) parts.add("bytes_rate", mean_kl(*codes) / std::numbers::ln2 / 8);
  return parts.take();
}

Expected<Measured> measure_aggregate_posterior(const MeasureTask& task) {
  if (auto fits = check_prior(task.spec()); !fits) return tl::unexpected(fits.error());
  const auto codes = encode_rows(task.model, task.data, SplitName::train, task.settings.train_rows,
                                 part_of(task.progress, 0, 0.5));
  if (!codes) return tl::unexpected(codes.error());
  const auto split =
      split_kl(*codes, split_draws(*codes), task.settings.seed, part_of(task.progress, 0.5, 1));
  if (!split) return tl::unexpected(split.error());
  MeasuredParts parts(task);
  parts.add("aggregate_marginal_kl", split->marginal_kl());
  parts.add("aggregate_marginal_kl_least", std::max(0.0, split->kl - split->most_information()));
  return parts.take();
}

Expected<Measured> measure_deviation(const MeasureTask& task) {
  if (task.spec().likelihood != Likelihood::gaussian) {
    return fail(tr("only the gaussian likelihood has a deviation s; this model has {}",
                   name_of(task.spec().likelihood)));
  }
  const double sigma = task.spec().sigma;
  MeasuredParts parts(task);
  parts.add("deviation", sigma);
  parts.add("lambda_s2", task.settings.kl_weight * sigma * sigma);
  return parts.take();
}

}  // namespace zscape
