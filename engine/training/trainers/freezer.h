#pragma once

#include <cstdint>
#include <functional>

#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"

namespace zscape {

// Makes the immutable model that Trainer::freeze() returns, with a new revision for each call.
using Freezer = std::function<FrozenModelPtr(Autoencoder weights, std::int64_t step)>;

}  // namespace zscape
