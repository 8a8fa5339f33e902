#include "app/gui/view/curves/kl_forecast.h"

#include <algorithm>

#include "engine/text.h"

namespace zscape {

double present_sigma(const ModelView& view) {
  return view.spec.learned_sigma && view.weights ? view.weights->spec().sigma : view.spec.sigma;
}

double coming_kl_weight(const ModelView& view) {
  const bool is_set = view.kl_schedule.kind == KlSchedule::Kind::constant;
  return is_set ? view.settings.kl_weight : view.final_kl_weight;
}

KlForecast kl_forecast(const Snapshot& snapshot, const ModelView& view, double kl_weight) {
  KlForecast known;
  known.why_not = why_no_forecast(view.spec);
  if (!known.why_not.empty() || !snapshot.data) return known;
  known.spectrum = snapshot.spectrum(*spectrum_for(view.spec));
  if (!known.spectrum) return known;
  if (!known.spectrum->why_not.empty()) {
    known.why_not = known.spectrum->why_not;
    known.spectrum = nullptr;
    return known;
  }
  const double sigma = present_sigma(view);
  known.at = forecast(*known.spectrum, view.spec.likelihood, kl_weight, sigma, view.spec.latent);
  const double one = threshold_of_one(*known.spectrum, view.spec.likelihood, sigma);
  const auto& values = known.spectrum->eigenvalues;
  const std::size_t count = std::min(values.size(), static_cast<std::size_t>(view.spec.latent));
  for (std::size_t i = 0; i < count && values[i] > 0; ++i) {
    known.thresholds.push_back(values[i] / one);
  }
  return known;
}

std::optional<MeasureSpectrum> ask_spectrum(KlForecastState& state, const Snapshot& snapshot,
                                            const ModelView& view) {
  const auto kind = spectrum_for(view.spec);
  if (!snapshot.data || !kind || snapshot.spectrum(*kind)) return std::nullopt;
  if (state.asked_of == snapshot.data.get() && state.asked == kind) return std::nullopt;
  state.asked_of = snapshot.data.get();
  state.asked = kind;
  return MeasureSpectrum{view.id, *kind};
}

std::string live_text(const Forecast& forecast, int latent) {
  return latent == 1 ? tr("{} of 1 dimension will stay alive", forecast.live)
                     : tr("{} of {} dimensions will stay alive", forecast.live, latent);
}

}  // namespace zscape
