#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/eval/input_lattice.h"
#include "engine/evidence.h"
#include "engine/model/autoencoder.h"

namespace zscape {

// A Gaussian q over latent space and its bound on log p(x), E_q log p(x, z) + the entropy of q.
struct BoundedGaussian {
  LatentGaussian gaussian;
  double elbo = 0;  // nats
};

// The encoder's q(z|x) of a row.
LatentGaussian gaussian_of(const Posterior& posterior, std::int64_t row);

// Bounds on log p(x), none below the one before it.
struct LatticeBounds {
  BoundedGaussian own, diagonal;  // of the encoder's q, and of the best diagonal Gaussian
  BoundedGaussian full;           // of the best of any covariance, or the diagonal one
};
// starts: the encoder's q first, then others where the search for the best may begin; it begins at
// the heaviest peaks too.
LatticeBounds bounds_on_lattice(InputLattice& values, const ResolvedPosterior& posterior,
                                std::vector<LatentGaussian> starts, bool wants_full);

}  // namespace zscape
