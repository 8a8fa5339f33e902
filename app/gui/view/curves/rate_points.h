#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/curves.h"
#include "engine/forecast.h"

namespace zscape {

// Where a run stands on the rate–distortion plane: the KL over the reconstruction term, of the same
// few test inputs at every λ. These are measured every two seconds; of a λ that was left before,
// the point is of the training inputs of its last steps.
struct RatePoint {
  double kl_weight = 0;
  double rate = 0;        // KL, nats an input
  double distortion = 0;  // the reconstruction term
  std::int64_t step = 0;
  std::int64_t steps_held = 0;  // of this λ before it was measured
  bool of_training = false;
};

// One for each λ that the run has visited, the newest visit of each; in the order of λ. Of a
// schedule the last λ alone.
std::vector<RatePoint> rate_points(const Curves& curves);

// The newest; nothing: not measured yet.
std::optional<RatePoint> present_point(const Curves& curves);

// How the run came to where it is: its measurements with the present λ, oldest first; every so many
// of them, so that there are few.
std::vector<RatePoint> present_trail(const Curves& curves, std::size_t most);

// What a linear decoder of so many dimensions could reach with every λ, from the highest to the
// lowest: rates up to this one. Empty with a Bernoulli decoder, whose distortion has no closed
// form.
std::vector<RatePoint> linear_curve(const Spectrum& spectrum, Likelihood likelihood, double sigma,
                                    int latent, double most_rate);

}  // namespace zscape
