#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/codes.h"
#include "engine/model_spec.h"

namespace zscape {

// What the bounds of some inputs lack, exactly: the answer to MeasureGaps. Only for a prior over
// one or two dimensions. log p(x) = ELBO + amortisation gap + approximation gap (Cremer et al.
// 2018), in nats. Immutable.
struct InputGaps {
  SplitName split = SplitName::test;
  Indices indices;                    // [n]: which rows of the split, rising
  std::vector<float> log_likelihood;  // [n] log p(x) by quadrature; log p(x | label) for cvae
  std::vector<float> elbo;            // [n] of the encoder's q(z|x)
  std::vector<float> amortisation;    // [n] from q to the best diagonal Gaussian q*
  std::vector<float> approximation;   // [n] from q* to log p(x)
  std::vector<float> mean, sigma;     // [n, k] of q*
  std::uint64_t revision = 0;         // of the weights that were measured
  std::int64_t step = 0;              // likewise
  double seconds = 0;                 // that it took
};
using InputGapsPtr = std::shared_ptr<const InputGaps>;

// So many test inputs stand behind each point of the gaps' curves, always the same ones.
inline constexpr std::int64_t kGapCurveInputs = 100;

// Why a model has no exact likelihood, a sentence; empty: it has one.
std::string why_no_exact_likelihood(const ModelSpec& spec);

}  // namespace zscape
