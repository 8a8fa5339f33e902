#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/lab/claim.h"

namespace zscape {
namespace {

// P(|T| ≤ t) in closed form (Abramowitz and Stegun, 26.7.3 and 26.7.4).
double central_probability(double t, int degrees_of_freedom) {
  const double angle = std::atan(t / std::sqrt(degrees_of_freedom));
  const double sine = std::sin(angle), cosine = std::cos(angle);
  const bool is_odd = degrees_of_freedom % 2 == 1;
  double term = is_odd ? cosine : 1, sum = 0;
  for (int i = is_odd ? 1 : 0; i <= degrees_of_freedom - 2; i += 2) {
    sum += term;
    term *= cosine * cosine * (i + 1) / (i + 2);
  }
  if (!is_odd) return sine * sum;
  return (angle + sine * sum) * 2 / std::numbers::pi;
}

}  // namespace

double student_t(int degrees_of_freedom, double confidence) {
  // It converges to the normal distribution long before.
  const int freedom = std::clamp(degrees_of_freedom, 1, 10'000);
  double low = 0, high = 1;
  while (central_probability(high, freedom) < confidence) high *= 2;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = (low + high) / 2;
    (central_probability(middle, freedom) < confidence ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace zscape
