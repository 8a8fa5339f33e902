#pragma once

#include <memory>

#include "engine/error.h"
#include "engine/evidence.h"
#include "engine/model/autoencoder.h"

namespace zscape {

// A lens on a model with a prior over one or two dimensions and a density p(x|z). The model must
// outlive it.
Expected<std::unique_ptr<EvidenceLens>> evidence_lens_of(const Autoencoder& model,
                                                         std::uint64_t revision);

}  // namespace zscape
