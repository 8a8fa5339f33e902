#include "engine/code_moments.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace zscape {

constexpr double kMostProducts = 4e8;  // for the covariance matrix

CodeMoments code_moments(const Codes& codes, bool whole_matrix) {
  const int k = codes.latent;
  const auto latent = static_cast<std::size_t>(k);
  CodeMoments moments{std::vector<double>(latent), std::vector<double>(latent * latent)};
  const double rows = static_cast<double>(codes.count());
  const double bearable = kMostProducts / (whole_matrix ? double{1.0} * k * k : double{1.0} * k);
  const auto every = static_cast<std::int64_t>(std::max(1.0, std::ceil(rows / bearable)));
  std::int64_t count = 0;
  const auto each = [&](auto use) {
    for (std::int64_t row = 0; row < codes.count(); row += every) {
      const float* mean = codes.mean.data() + static_cast<std::size_t>(row) * latent;
      if (std::all_of(mean, mean + k, [](float value) { return std::isfinite(value); })) use(mean);
    }
  };
  each([&](const float* mean) {
    ++count;
    for (std::size_t i = 0; i < latent; ++i) moments.mean[i] += mean[i];
  });
  if (count == 0) return moments;
  for (double& value : moments.mean) value /= static_cast<double>(count);
  std::vector<double> off(latent);
  each([&](const float* mean) {
    for (std::size_t i = 0; i < latent; ++i) off[i] = mean[i] - moments.mean[i];
    for (std::size_t i = 0; i < latent; ++i) {
      double* row = moments.covariance.data() + i * latent;
      const std::size_t end = whole_matrix ? latent : i + 1;
      for (std::size_t j = i; j < end; ++j) row[j] += off[i] * off[j];
    }
  });
  for (std::size_t i = 0; i < latent; ++i) {
    for (std::size_t j = i; j < latent; ++j) {
      const double value = moments.covariance[i * latent + j] / static_cast<double>(count);
      moments.covariance[i * latent + j] = moments.covariance[j * latent + i] = value;
    }
  }
  return moments;
}

}  // namespace zscape
