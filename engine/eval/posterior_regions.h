#pragma once

#include <span>
#include <vector>

#include "engine/eval/input_lattice.h"
#include "engine/evidence.h"

namespace zscape {

// The regions of highest density that hold these shares of the posterior's mass (falling), drawn
// between the nodes of a level: log p(x, z) is interpolated by cubic splines through them.
// log_likelihood: of the whole, log ∫ p(x, z) dz.
std::vector<PosteriorRegion> regions_of(const InputLattice& values, int level,
                                        double log_likelihood, std::span<const double> masses);

// One dimension: p(z|x) between the nodes of a level, where it is not all but 0.
struct PosteriorCurve {
  std::vector<float> z, density;
};
PosteriorCurve curve_of(const InputLattice& values, int level, double log_likelihood);

}  // namespace zscape
