#include "engine/input_jacobian.h"

#include <cmath>

namespace zscape {

int InputJacobian::rank() const {
  constexpr double kCounts = 0.01;  // of the largest
  int rank = 0;
  for (const double value : singular_values) {
    if (value > 0 && value > kCounts * singular_values.front()) ++rank;
  }
  return rank;
}

double InputJacobian::effective_rank() const {
  double sum = 0, entropy = 0;
  for (const double value : singular_values) sum += value;
  if (!(sum > 0)) return 0;
  for (const double value : singular_values) {
    const double share = value / sum;
    if (share > 0) entropy -= share * std::log(share);
  }
  return std::exp(entropy);
}

}  // namespace zscape
