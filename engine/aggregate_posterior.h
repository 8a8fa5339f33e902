#pragma once

#include <cstdint>
#include <vector>

#include "engine/codes.h"
#include "engine/error.h"
#include "engine/kl_split.h"
#include "engine/latent_fields.h"
#include "engine/progress.h"

namespace zscape {

// The aggregate posterior of N codes with σ: q(z) = (1/N) Σ N(z; μ_n, diag σ_n²). No LibTorch; any
// thread.

// log q(z) − log p(z) at the grid's places, in nats: of the densities of the plane's coordinates,
// both with the other dimensions integrated out. Where all codes count, each is left out farther
// than 9 σ away. Fails only where it is cancelled.
Expected<std::vector<float>> log_density_ratio(const Codes& codes, const PlaneGrid& grid,
                                               const Progress& progress = {});

// The mean KL term in two parts. `draws` samples z ~ q(z|x_n) of inputs n in turn along a seeded
// permutation, each against all N. Fails only where it is cancelled.
int split_draws(const Codes& codes);  // as many as take about a second: 2,000, fewer of many codes
Expected<KlSplit> split_kl(const Codes& codes, int draws, std::uint64_t seed,
                           const Progress& progress = {});

}  // namespace zscape
