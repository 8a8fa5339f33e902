#pragma once

#include "app/cli/subcommand.h"

namespace zscape {

// What λ will do, and what it is for a loss of other code: forecast.cpp, translate_loss.cpp.
extern const MakeCommand make_forecast, make_translate_loss;

}  // namespace zscape
