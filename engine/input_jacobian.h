#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/dataset.h"

namespace zscape {

// ∂x̂/∂x for z = μ(x): how each value of a reconstruction answers to each value of its input, or
// the mean of it over several inputs. d = inputs, k = latent dimensions. x and x̂ on the scale that
// networks read ([0, 1], or standardised). The identity is what copying does; a model whose code
// has k numbers has rank k at most at any one input.
struct InputJacobian {
  SplitName split = SplitName::train;
  std::vector<std::int64_t> rows;  // of the split: one, or those that it is the mean over
  std::uint64_t revision = 0;      // of the weights
  std::int64_t step = 0;           // likewise
  int inputs = 0;                  // d
  int latent = 0;                  // k

  // ∂x̂/∂x = reads · writes. Only of one input.
  std::vector<float> reads;   // [d, k] ∂x̂/∂z: what the decoder makes of the code
  std::vector<float> writes;  // [k, d] ∂μ/∂x: what the encoder takes from the input

  // As a picture with at most kJacobianSide cells a side, row by row: output over input. Where a
  // cell stands for several entries, it is the one farthest from 0, so that a diagonal stays
  // what it is.
  int side = 0;
  std::vector<float> cells;  // [side, side]

  // Falling; of one input min(d, k), of a mean at most d. Empty: they would take too long.
  std::vector<double> singular_values;
  double mean_diagonal = 0;         // tr / d; 1 for the identity, k / d for a projection
  double distance_to_identity = 0;  // ‖∂x̂/∂x − I‖ / √d, Frobenius; 0 for the identity

  // The singular values above a hundredth of the largest.
  int rank() const;
  // exp(−Σ p ln p), p the singular values as shares of their sum (Roy and Vetterli 2007): by how
  // many directions it acts, in [1, d]; 0 if it is 0 throughout.
  double effective_rank() const;
};
using InputJacobianPtr = std::shared_ptr<const InputJacobian>;

inline constexpr int kJacobianSide = 256;
// The mean holds d × d numbers.
inline constexpr int kMostMeanJacobianInputs = 4096;
inline constexpr int kMeanJacobianRows = 64;  // that the window asks for

}  // namespace zscape
