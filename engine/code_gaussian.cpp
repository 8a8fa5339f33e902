#include "engine/code_gaussian.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "engine/code_moments.h"

namespace zscape {
namespace {

// Cholesky's decomposition in place, of the lower triangle; a direction in which nothing varies has
// a column of zeros.
void factorise(std::vector<double>& matrix, std::size_t k) {
  constexpr double kNothing = 1e-12;  // of the largest variance
  double largest = 0;
  for (std::size_t i = 0; i < k; ++i) largest = std::max(largest, matrix[i * k + i]);
  for (std::size_t j = 0; j < k; ++j) {
    double pivot = matrix[j * k + j];
    for (std::size_t p = 0; p < j; ++p) pivot -= matrix[j * k + p] * matrix[j * k + p];
    const bool varies = pivot > kNothing * largest;
    const double root = varies ? std::sqrt(pivot) : 0;
    matrix[j * k + j] = root;
    for (std::size_t i = j + 1; i < k; ++i) {
      double value = matrix[i * k + j];
      for (std::size_t p = 0; p < j; ++p) value -= matrix[i * k + p] * matrix[j * k + p];
      matrix[i * k + j] = varies ? value / root : 0;
      matrix[j * k + i] = 0;
    }
  }
}

}  // namespace

CodeGaussian fit_code_gaussian(const Codes& codes) {
  const auto k = static_cast<std::size_t>(codes.latent);
  const bool correlates = codes.latent <= kMostCorrelated;
  CodeMoments moments = code_moments(codes, correlates);
  CodeGaussian fitted{codes.latent, std::move(moments.mean), std::move(moments.covariance)};
  if (correlates) {
    factorise(fitted.factor, k);
  } else {
    for (std::size_t i = 0; i < k; ++i) {
      fitted.factor[i * k + i] = std::sqrt(fitted.factor[i * k + i]);
    }
  }
  return fitted;
}

std::vector<float> CodeGaussian::drawn(std::span<const float> noise) const {
  const auto k = static_cast<std::size_t>(latent);
  std::vector<float> z(noise.size());
  for (std::size_t row = 0; row + k <= noise.size(); row += k) {
    for (std::size_t i = 0; i < k; ++i) {
      double value = mean[i];
      for (std::size_t j = 0; j <= i; ++j) {
        value += factor[i * k + j] * static_cast<double>(noise[row + j]);
      }
      z[row + i] = static_cast<float>(value);
    }
  }
  return z;
}

}  // namespace zscape
