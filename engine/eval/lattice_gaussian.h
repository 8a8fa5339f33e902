#pragma once

#include <optional>
#include <vector>

#include "engine/eval/input_lattice.h"
#include "engine/evidence.h"

namespace zscape {

enum class GaussianFamily { diagonal, full };

// A Gaussian q over latent space and its bound on log p(x), E_q log p(x, z) + the entropy of q.
struct BoundedGaussian {
  LatentGaussian gaussian;
  double elbo = 0;  // nats
};

// The bound by the nodes of a level, decoding those that q reaches and nobody has looked at.
// Nothing: q is too narrow for them, or reaches too many.
std::optional<BoundedGaussian> bound_on_lattice(InputLattice& values, int level,
                                                const LatentGaussian& gaussian);

// The same on nodes of q's own, a quarter of a deviation apart. For a diagonal q.
BoundedGaussian bound_on_own_nodes(const InputLattice& values, const LatentGaussian& gaussian);

// The q of a family with the highest bound that natural gradient steps with E ∇² log p from Price's
// theorem (Opper and Archambeau 2009) find from any of these starts, of which one has a bound. A
// start of another family counts with its own variances along the axes.
std::optional<BoundedGaussian> best_on_lattice(InputLattice& values, int level,
                                               GaussianFamily family,
                                               const std::vector<LatentGaussian>& starts);

}  // namespace zscape
