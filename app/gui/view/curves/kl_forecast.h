#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/forecast.h"
#include "engine/snapshot.h"

namespace zscape {

// A forecast on the screen, and what came true.
struct ShownForecast {
  double kl_weight = 0;
  std::int64_t live = 0;
  int latent = 0;
  std::optional<int> active_units;

  bool operator==(const ShownForecast&) const = default;
};

// Whether a forecast of λ is wanted for the present data. Lives on the window's thread.
struct KlForecastState {
  double hovered_since = -1;           // the pointer is on λ; negative: it is not
  double due_s = 0;                    // when a frame is wanted, to see how long it is; 0: never
  const void* wanted_of = nullptr;     // the data whose forecast a person has looked for
  const void* asked_of = nullptr;      // the data of the newest request …
  std::optional<SpectrumKind> asked;   // … and its kind
  std::optional<int> active_units;     // of the codes on show, by the window each frame
  std::optional<ShownForecast> shown;  // nothing: none is on the screen
  bool is_news = false;                // it changed in this frame
};

// s of the Gaussian likelihood now: of the newest weights where it is learned.
double present_sigma(const ModelView& view);

// The λ that the run is on its way to: that of the end of a schedule.
double coming_kl_weight(const ModelView& view);

// What is known of a model's forecast.
struct KlForecast {
  std::string why_not;         // a sentence: there is none; empty: there is, or it is measured
  SpectrumPtr spectrum;        // null: not measured yet, or why_not
  std::optional<Forecast> at;  // the λ that was asked for
  // Of λ, falling, one for each latent dimension that the data can fill: below it, one more stays
  // alive.
  std::vector<double> thresholds;
};
KlForecast kl_forecast(const Snapshot& snapshot, const ModelView& view, double kl_weight);

// The request for the spectrum that this model's forecast needs, once for each data set and kind.
std::optional<MeasureSpectrum> ask_spectrum(KlForecastState& state, const Snapshot& snapshot,
                                            const ModelView& view);

// "3 of 5 dimensions will stay alive".
std::string live_text(const Forecast& forecast, int latent);

}  // namespace zscape
