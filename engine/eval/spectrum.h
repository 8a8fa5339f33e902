#pragma once

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/forecast.h"
#include "engine/progress.h"

namespace zscape {

// Of the training split, summed in float64. Refused where neither the inputs of a row nor the rows
// are few enough. progress can cancel it.
Expected<Spectrum> spectrum_of(const Dataset& data, const SpectrumKind& kind,
                               const Progress& progress);

}  // namespace zscape
