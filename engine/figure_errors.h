#pragma once

#include <optional>
#include <vector>

#include "engine/codes.h"

namespace zscape {

// Of the mean of at least two values.
double standard_error(const std::vector<double>& values);

// How far chance in the choice of inputs moves the figures of a sample of codes: standard errors,
// in the figures' units. Absent where the figure is, and without at least two inputs.
struct FigureErrors {
  std::optional<double> kl, aggregate_kl, mean_sigma, spread;
};

// The aggregate KL's by the delta method: of its first-order change with each input's code.
FigureErrors figure_errors(const Codes& codes);

}  // namespace zscape
